/** How fast and how fresh the data comes, measured where it is read. */
import type { Topic } from '@tidegate/client';
import { fixed, nothing } from '../format/number';
import { age } from '../format/time';
import { desk } from './desk';

const rates = new Map<Topic, { updates: number; at: number; rate: number }>();

/** Updates a second of each topic, measured between two looks. */
export function rateOf(topic: Topic): number {
  const now = desk.clock.now();
  const before = rates.get(topic);
  if (!before || now - before.at > 900) {
    const rate = before ? ((topic.updates - before.updates) * 1000) / (now - before.at) : 0;
    rates.set(topic, { updates: topic.updates, at: now, rate });
    return rate;
  }
  return before.rate;
}

/** Of all topics together, for the status bar. */
export function messageRate(): number {
  const topics = [...desk.client.topics];
  for (const topic of rates.keys()) if (!topics.includes(topic)) rates.delete(topic);
  return topics.reduce((sum, topic) => sum + rateOf(topic), 0);
}

export function blockAge(): number | null {
  const time = Date.parse(desk.block?.time ?? '');
  return Number.isNaN(time) ? null : Math.max(0, desk.gatewayNow - time);
}

/** Whole milliseconds, at least one. */
export function milliseconds(value: number | null): string {
  return value === null ? nothing : `${Math.max(1, Math.round(value))} ms`;
}

/** "0.7 s": tenths while it is short. */
export function seconds(value: number | null): string {
  if (value === null) return nothing;
  return value < 9950 ? `${fixed((value / 1000).toFixed(1), 1)} s` : age(value);
}
