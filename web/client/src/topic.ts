import type { FeedStatus, Gap, GapFrame, KnownTo, Source, StateFrame, UpdateFrame } from './frames';
import type { Store } from './store';

/** What the owner of the socket has to do after a frame. */
export type Verdict = 'ok' | 'ignored' | 'ask-snapshot';

const keptGaps = 50;

/**
 * One topic as this client holds it: which frame it saw last, what the frames add up to, and how its feed does.
 * Follows the protocol's one rule for numbers: `(prev_seq ?? seq − 1)` is the frame seen last, or the state is asked anew.
 */
export class Topic<S extends Store = Store> {
  epoch: string | null = null;
  seq: number | null = null;
  knownTo: KnownTo | null = null;
  status: FeedStatus | null = null;
  gaps: Gap[] = [];
  error: { code: string; message: string } | null = null;
  /** Counts frames that did not follow their predecessor, and checksums that differed. Both stay zero in health. */
  misses = 0;
  /** What came so far, for whoever shows how a feed does. */
  updates = 0;
  lastSource: Source | null = null;
  /** When the gateway learned the last change. */
  lastAt: string | null = null;
  /** When the whole state that changes are added to came, by the gateway's clock. */
  stateAt: string | null = null;
  conflated = 0;
  resumed = false;
  /** Grows with each change of the state, so that a painter knows whether it has to work. */
  revision = 0;

  /** The `conflate_ms` that the gateway was asked for last. */
  askedMs = 0;

  private asked = false;

  constructor(
    readonly channel: string,
    readonly id: string | undefined,
    readonly store: S,
    public conflateMs = 0,
  ) {}

  /** A state is held and its number known. */
  get held(): boolean {
    return this.epoch !== null && this.seq !== null;
  }

  takeState(frame: StateFrame, at: string): Verdict {
    this.error = null;
    // Of a reconnect only bad news is repeated: without it the feed streams.
    if (frame.type === 'subscribed') this.status = null;
    this.asked = false;
    this.resumed = frame.resumed === true;
    if (this.resumed) return 'ok';
    if (frame.reason === 'conflated') this.conflated++;
    this.revision++;
    this.epoch = frame.epoch;
    this.seq = frame.seq;
    this.stateAt = at;
    this.knownTo = frame.known_to ?? null;
    this.store.replace(frame.data);
    return this.check(frame.crc);
  }

  takeUpdate(frame: UpdateFrame): Verdict {
    const order = this.follow(frame.epoch, frame.seq, frame.prev_seq);
    if (order !== 'ok') return order;
    this.updates++;
    this.revision++;
    this.lastSource = frame.source;
    this.lastAt = frame.ts;
    this.store.apply(frame.data, frame.source, frame.ts);
    if (frame.known_to) this.knownTo = frame.known_to;
    return this.check(frame.crc);
  }

  takeGap(frame: GapFrame): Verdict {
    if (frame.seq !== undefined) {
      const order = this.follow(frame.epoch ?? this.epoch ?? '', frame.seq, undefined);
      if (order !== 'ok') return order;
    }
    this.revision++;
    this.gaps.push(frame.data);
    if (this.gaps.length > keptGaps) this.gaps.shift();
    return 'ok';
  }

  private follow(epoch: string, seq: number, prevSeq: number | undefined): Verdict {
    if (!this.held) return 'ignored';
    if (epoch === this.epoch && seq <= this.seq!) return 'ignored';
    if (epoch !== this.epoch || (prevSeq ?? seq - 1) !== this.seq) return this.miss();
    this.seq = seq;
    return 'ok';
  }

  private check(crc: number | undefined): Verdict {
    if (crc === undefined || this.store.checksum === undefined || this.store.checksum() === crc) return 'ok';
    return this.miss();
  }

  /** Asks once; until the answer is here every further miss is the same one. */
  private miss(): Verdict {
    if (this.asked) return 'ignored';
    this.misses++;
    this.asked = true;
    return 'ask-snapshot';
  }

  /** Socket lost: an unanswered question is void. */
  detached(): void {
    this.asked = false;
  }
}
