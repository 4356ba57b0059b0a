import type { Source } from './frames';

/** What a topic's frames add up to. A store is pure: it knows no socket and no clock. */
export interface Store {
  /** Takes the whole state anew. */
  replace(data: unknown): void;
  /** Takes one update, in order; the gateway learned it from this source at this time. */
  apply(data: unknown, source: Source, learnedAt: string): void;
  /** The checksum of the state, where its channel has one. */
  checksum?(): number;
}

export function asObject(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {};
}

export function asList(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.map(asObject) : [];
}
