/** The frame of a panel: its title, how old its data is, and a fence so that one that fails leaves the others alive. */
import { Component, type ComponentChildren } from 'preact';
import type { Topic } from '@tidegate/client';
import { copy } from '../app/browser';
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { age, timeOfDay } from '../format/time';

interface FenceState {
  failure: Error | null;
}

interface FenceProps {
  name: string;
  /** Where its words stand, when it has to say something: the place of what it fences. */
  class?: string;
  children: ComponentChildren;
}

export class Fence extends Component<FenceProps, FenceState> {
  override state: FenceState = { failure: null };

  static override getDerivedStateFromError(failure: Error): FenceState {
    return { failure };
  }

  override render() {
    const { failure } = this.state;
    const { name, class: place = '', children } = this.props;
    if (!failure) return children;
    const details = `${name}: ${failure.message}\n${failure.stack ?? ''}`;
    return (
      <div class={`failure ${place}`} role="alert">
        <p>This panel failed. The others go on.</p>
        <button onClick={() => void copy(details)}>Copy details</button>
        <button onClick={() => this.setState({ failure: null })}>Reload panel</button>
      </div>
    );
  }
}

interface PanelProps {
  name: string;
  title: string;
  topic?: Topic | undefined;
  /** Under the title, in place of the age alone. */
  vitals?: ComponentChildren;
  head?: ComponentChildren;
  children: ComponentChildren;
  class?: string;
}

export function Panel({ name, title, topic, vitals, head, children, class: extra = '' }: PanelProps) {
  const id = `${name}-title`;
  const old = isOld(topic);
  return (
    <section
      class={`panel ${name} ${extra}`}
      id={name}
      data-testid={`${name}-panel`}
      data-stale={old ? 'true' : undefined}
      aria-labelledby={id}
      tabIndex={-1}
    >
      <div class="head">
        <div class="titles">
          <h2 id={id}>{title}</h2>
          {vitals}
        </div>
        {topic !== undefined && vitals === undefined && <Freshness topic={topic} />}
        {head}
      </div>
      <Fence name={name}>{children}</Fence>
    </section>
  );
}

/** Whether what a topic shows is less than now. Read with the page's state, so that it follows each change. */
export function isOld(topic: Topic | undefined): boolean {
  void desk.news.value;
  const old = desk.old.value;
  if (!topic?.held) return false;
  return old || (topic.status !== null && topic.status.mode !== 'streaming');
}

/** "as of 14:02:07" where the data is old, its age where nothing changed for two seconds, a reason where it is not whole. */
export function Freshness({ topic }: { topic: Topic }) {
  void beats.second.value;
  void desk.news.value;
  return <span class="note">{freshness(topic)}</span>;
}

export function freshness(topic: Topic): string {
  if (topic.error) return topic.error.code === 'unknown-id' ? 'not listed here' : topic.error.message;
  const mode = topic.status?.mode ?? 'streaming';
  if (!topic.held) return mode === 'streaming' ? 'waiting for data' : mode;
  // Of a state alone only the gateway knows how old it is while its feed is away.
  const state = mode === 'streaming' ? (topic.stateAt ?? '') : '';
  const last = topic.lastAt ?? '';
  const at = Date.parse(last > state ? last : state);
  if (isOld(topic)) {
    const word = mode === 'streaming' ? '' : ` · ${mode}`;
    return `${Number.isNaN(at) ? 'last values seen' : `as of ${timeOfDay(at)}`}${word}`;
  }
  if (topic.status && !topic.status.complete) return 'part is still looked for';
  const hole = topic.gaps.at(-1);
  if (hole && !hole.complete) return 'some events are missing';
  const silence = desk.gatewayNow - at;
  return Number.isNaN(silence) || silence < 2000 ? '' : age(silence);
}
