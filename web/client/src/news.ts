/** What the client wants of its owner, and what it tells. */
import type { Link, Network } from './connection';
import type { Connected, FeedStatus, Gap, StateFrame, UpdateFrame } from './frames';
import type { Store } from './store';
import type { Topic } from './topic';

/** What happened, for whoever keeps a log, counts, or tells a person. */
export type News =
  | { kind: 'link'; link: Link }
  | { kind: 'connected'; session: Connected }
  | { kind: 'status'; topic: Topic; before: FeedStatus | null; status: FeedStatus }
  | { kind: 'state'; topic: Topic; frame: StateFrame; again: boolean }
  | { kind: 'resumed'; topic: Topic; recovered: number }
  | { kind: 'update'; topic: Topic; frame: UpdateFrame }
  | { kind: 'gap'; topic: Topic; gap: Gap }
  | { kind: 'miss'; topic: Topic }
  /** The least `conflate_ms` that state topics are asked for while this client is too slow; 0 once it is not. */
  | { kind: 'pace'; least: number }
  | { kind: 'authenticated'; expiresAt: string | null }
  | { kind: 'error'; code: string; message: string; topic: Topic | null };

export interface Surroundings extends Network {
  /** Makes the store of a topic; null for a channel this client cannot read. */
  store(channel: string, id: string | undefined): Store | null;
  /** Something of a channel changed, or of everything where none is named: paint when convenient. */
  changed(channel?: string): void;
  told?(news: News): void;
}
