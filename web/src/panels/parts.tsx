/** Small things that many panels are made of. */
import type { ComponentChildren } from 'preact';
import { useEffect, useRef, useState } from 'preact/hooks';
import type { Signal } from '@preact/signals';
import { direction, nothing } from '../format/number';
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { phone, settings } from '../app/settings';
import { shortAge, timeAs } from '../format/time';

type Exact = string | null | undefined;

interface NumProps {
  text: string;
  exact: Exact;
  tone?: string | undefined;
  testId?: string;
}

/** A number: as it looks, and exactly, for a tooltip and for whoever reads the page by program. */
export function Num({ text, exact, tone, testId }: NumProps) {
  const missing = text === nothing;
  return (
    <span
      class="num"
      dir="ltr"
      data-testid={testId}
      data-value={exact ?? ''}
      data-tone={tone}
      title={exact && exact !== text ? exact : undefined}
      aria-label={missing ? 'no data' : undefined}
      role={missing ? 'img' : undefined}
    >
      {text}
    </span>
  );
}

/** One with a direction: sign and colour say the same. */
export function Signed({ text, exact, testId }: NumProps) {
  const tone = direction(exact);
  const shown = tone === 'up' ? `+${text}` : text;
  return <Num text={shown} exact={exact} tone={tone} {...(testId ? { testId } : {})} />;
}

export function Side({ side }: { side: string | undefined }) {
  const buy = side === 'BUY' || side === 'LONG';
  const known = buy || side === 'SELL' || side === 'SHORT';
  return (
    <span class="side" data-tone={known ? (buy ? 'up' : 'down') : ''}>
      <span aria-hidden="true">{known ? (buy ? '▲' : '▼') : ''}</span> {words[side ?? ''] ?? side ?? ''}
    </span>
  );
}

const words: Record<string, string> = { BUY: 'Buy', SELL: 'Sell', LONG: 'LONG', SHORT: 'SHORT' };

/** A time or its age, as the reader chose in the column's head; the exact instant beside it. */
export function When({ at }: { at: string | null | undefined }) {
  if (settings.times.value === 'age') void beats.second.value;
  const time = Date.parse(at ?? '');
  if (Number.isNaN(time)) return <span>{nothing}</span>;
  const old = desk.gatewayNow - time;
  const text =
    settings.times.value === 'age' ? shortAge(old) : phone.matches ? timeInShort(time, old) : timeAs('date', time);
  return (
    <time dateTime={at!} title={timeAs('full', time)}>
      {text}
    </time>
  );
}

/** Where there is little room: the day tells nothing of what happened within the last one. */
function timeInShort(time: number, old: number): string {
  return old < 86_400_000 ? timeAs('clock', time) : `${timeAs('day', time)} ${timeAs('minute', time)}`;
}

/** The head of a table whose columns are never sorted. */
export function Heads({ names }: { names: readonly string[] }) {
  return (
    <tr>
      {names.map((name) => (
        <th key={name} scope="col">
          {name}
        </th>
      ))}
    </tr>
  );
}

interface ChoiceProps<T extends string> {
  label: string;
  value: Signal<T>;
  options: readonly (readonly [value: T, text: string])[];
  testId?: string;
}

/** A few choices side by side, one of them pressed. */
export function Choice<T extends string>({ label, value, options, testId }: ChoiceProps<T>) {
  return (
    <div class="choice" role="group" aria-label={label} data-testid={testId}>
      {options.map(([one, text]) => (
        <button key={one} aria-pressed={value.value === one} onClick={() => (value.value = one)}>
          {text}
        </button>
      ))}
    </div>
  );
}

interface TabsProps<T extends string> {
  label: string;
  value: Signal<T>;
  tabs: readonly (readonly [value: T, text: ComponentChildren])[];
  panel: string;
}

/** Tabs by the book: arrows move, the panel is named. */
export function Tabs<T extends string>({ label, value, tabs, panel }: TabsProps<T>) {
  const list = useRef<HTMLDivElement>(null);
  const move = (event: KeyboardEvent): void => {
    const steps: Record<string, number> = { ArrowRight: 1, ArrowLeft: -1 };
    const at = tabs.findIndex(([one]) => one === value.value);
    const last = tabs.length - 1;
    const step = steps[event.key];
    const next =
      event.key === 'Home' ? 0 : event.key === 'End' ? last : step ? (at + step + tabs.length) % tabs.length : -1;
    const chosen = tabs[next];
    if (!chosen) return;
    event.preventDefault();
    value.value = chosen[0];
    list.current?.querySelectorAll<HTMLElement>('[role=tab]')[next]?.focus();
  };
  return (
    <div class="tabs" role="tablist" aria-label={label} onKeyDown={move} ref={list}>
      {tabs.map(([one, text]) => (
        <button
          key={one}
          role="tab"
          id={`${panel}-${one}`}
          aria-selected={value.value === one}
          aria-controls={panel}
          tabIndex={value.value === one ? 0 : -1}
          onClick={() => (value.value = one)}
        >
          {text}
        </button>
      ))}
    </div>
  );
}

/** A window over the page: the browser keeps the focus inside and gives it back. */
export function Dialog({ title, close, children }: { title: string; close: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    element.current?.showModal();
  }, []);
  return (
    <dialog
      ref={element}
      aria-label={title}
      onClose={close}
      onClick={(event) => event.target === element.current && element.current?.close()}
    >
      <div class="sheet">
        <div class="head">
          <h2>{title}</h2>
          <button class="plain close" aria-label="Close" onClick={() => element.current?.close()}>
            ✕
          </button>
        </div>
        {children}
      </div>
    </dialog>
  );
}

/** Runs with each beat; for what is drawn by hand. */
export function useBeat(beat: keyof typeof beats, paint: () => void): void {
  const [failure, fail] = useState<{ error: unknown } | null>(null);
  useEffect(
    () =>
      beats[beat].subscribe(() => {
        try {
          paint();
        } catch (error) {
          fail({ error });
        }
      }),
    [],
  );
  // For the fence around the component: the beat itself goes on to the others.
  if (failure) throw failure.error;
}

export function Monogram({ ticker }: { ticker: string }) {
  let hash = 0;
  for (const letter of ticker) hash = (hash * 31 + letter.charCodeAt(0)) % 8;
  return (
    <span class={`monogram hue-${hash}`} aria-hidden="true">
      {[...ticker][0] ?? '?'}
    </span>
  );
}

interface MeterProps {
  share: number;
  tone: string;
  label: string;
  /** A share of the bar that has a meaning of its own. */
  mark?: number;
}

/** A bar with what it says as its name. */
export function Meter({ share, tone, label, mark }: MeterProps) {
  const width = Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0));
  return (
    <span class="meter" role="img" aria-label={label} data-tone={tone}>
      <span style={{ transform: `scaleX(${width.toFixed(4)})` }} />
      {mark !== undefined && <i style={{ left: `${mark * 100}%` }} />}
    </span>
  );
}
