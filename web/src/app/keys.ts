/** Keys that work anywhere but in a text field; a switch turns the single ones off. */
import { resolutions } from '../state/resolutions';
import { desk } from './desk';
import { regroup } from './grouping';
import { paused, settings } from './settings';
import { chartView, column, open, section } from './windows';

function focus(id: string): void {
  document.getElementById(id)?.focus();
}

function resolution(by: 1 | -1): void {
  const at = resolutions.findIndex((one) => one.id === desk.resolution.peek());
  const next = resolutions[at + by];
  if (next) desk.watchResolution(next.id);
}

const single: Record<string, () => void> = {
  '/': () => (open.value = 'markets'),
  '?': () => (open.value = 'keys'),
  b: () => {
    section.value = 'market';
    column.value = 'book';
    setTimeout(() => document.querySelector<HTMLElement>('#book tr[tabindex="0"]')?.focus());
  },
  t: () => {
    section.value = 'market';
    column.value = 'trades';
    setTimeout(() => focus('tape'));
  },
  c: () => {
    chartView.value = 'price';
    setTimeout(() => document.querySelector<HTMLElement>('[data-testid=chart]')?.focus());
  },
  a: () => {
    section.value = 'account';
    setTimeout(() => focus('account'));
  },
  p: () => (paused.value = !paused.value),
  '[': () => resolution(-1),
  ']': () => resolution(1),
  '-': () => regroup(-1),
  '+': () => regroup(1),
};

export function startKeys(): void {
  addEventListener('keydown', (event) => {
    if ((event.ctrlKey || event.metaKey) && event.key.toLowerCase() === 'k') {
      event.preventDefault();
      open.value = 'commands';
      return;
    }
    const typing = event.target instanceof Element && event.target.closest('input, select, textarea, dialog') !== null;
    if (typing || event.ctrlKey || event.metaKey || event.altKey || settings.shortcuts.value === 'off') return;
    const act = single[event.key];
    if (!act) return;
    event.preventDefault();
    act();
  });
}
