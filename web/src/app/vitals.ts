/** What the page notices of the way its data takes: blocks, merged frames, the time to the glass, another gateway. */
import { signal } from '@preact/signals';
import type { News } from '@tidegate/client';
import { Latency } from '../state/latency';

export class Vitals {
  /** By our clock; null before the first. */
  blockHeardAt: number | null = null;
  /** When the gateway last merged frames, or let go of this page, because it was slow; by our clock. */
  conflatedAt: number | null = null;
  readonly latency = new Latency();
  /** The gateway's version, once it is another than the one this page came from. */
  readonly updated = signal<string | null>(null);

  private version: string | null = null;
  /** When the gateway learned the oldest change of the book that is not on the glass yet. */
  private unpainted: number | null = null;

  take(news: News, now: number): void {
    if (news.kind === 'connected') {
      this.blockHeardAt = now;
      this.version ??= news.session.version;
      this.updated.value = news.session.version === this.version ? null : news.session.version;
    } else if (news.kind === 'pace') {
      if (news.least > 0) this.conflatedAt = now;
    } else if (news.kind === 'update' || news.kind === 'state') {
      if (news.topic.channel === 'v4_block_height') this.blockHeardAt = now;
      if (news.kind === 'state') {
        if (news.frame.reason === 'conflated') this.conflatedAt = now;
        return;
      }
      // The book's: that is what is painted in each frame.
      const learned = news.topic.channel === 'v4_orderbook' ? Date.parse(news.frame.ts) : NaN;
      if (!Number.isNaN(learned)) this.unpainted ??= learned;
    }
  }

  /** To be told in the frame that paints. */
  painted(gatewayNow: number): void {
    if (this.unpainted !== null) this.latency.add(Math.max(0, gatewayNow - this.unpainted), gatewayNow);
    this.unpainted = null;
  }
}
