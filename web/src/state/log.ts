/** The newest of what happened to the data, for a person who asks why a number looked odd. Pure: times come in. */
import type { Gap, News, Topic } from '@tidegate/client';
import { age } from '../format/time';
import { feedReasons } from '../format/words';

export interface LogLine {
  /** Grows by one with each line. */
  number: number;
  /** By the gateway's clock, in milliseconds. */
  at: number;
  kind: 'link' | 'mode' | 'resume' | 'snapshot' | 'repair' | 'backfill' | 'error' | 'notice';
  tone: 'up' | 'warn' | 'down' | '';
  topic: string;
  text: string;
}

const kept = 200;

export class EventLog {
  private list: LogLine[] = [];
  private count = 0;
  /** Repairs and recovered events since the page was opened. */
  repairs = 0;
  recovered = 0;

  /** Newest first. */
  get lines(): readonly LogLine[] {
    return this.list;
  }

  add(at: number, kind: LogLine['kind'], tone: LogLine['tone'], topic: string, text: string): void {
    this.list.unshift({ number: ++this.count, at, kind, tone, topic, text });
    if (this.list.length > kept) this.list.length = kept;
  }

  /** Folds one piece of news; most of it leaves no line. */
  tell(news: News, at: number): void {
    switch (news.kind) {
      case 'link':
        return this.tellLink(news.link, at);
      case 'connected':
        return this.add(at, 'link', 'up', '', `Connected to the gateway ${news.session.version}.`);
      case 'status':
        return this.tellStatus(news, at);
      case 'state':
        if (news.again) this.tellState(news, at);
        return;
      case 'resumed':
        return this.add(
          at,
          'resume',
          '',
          nameOf(news.topic),
          `Resumed; ${news.recovered} frames were missed and came.`,
        );
      case 'gap':
        return this.tellGap(news.topic, news.gap, at);
      case 'update':
        if (news.frame.source !== 'repair') return;
        this.repairs++;
        return this.add(
          at,
          'repair',
          'warn',
          nameOf(news.topic),
          'A difference to the Indexer was found and repaired.',
        );
      case 'miss':
        return this.add(at, 'error', 'warn', nameOf(news.topic), 'A frame did not follow its predecessor; asked anew.');
      case 'pace':
        return this.add(
          at,
          'link',
          news.least > 0 ? 'warn' : 'up',
          '',
          news.least > 0
            ? `This page was too slow: books and other states come at most every ${news.least} ms for a minute.`
            : 'The usual pace again.',
        );
      case 'authenticated':
        return this.add(at, 'link', 'up', '', 'The access token was renewed.');
      case 'error':
        return this.add(at, 'error', 'down', news.topic ? nameOf(news.topic) : '', `${news.code}: ${news.message}`);
    }
  }

  private tellLink(link: Extract<News, { kind: 'link' }>['link'], at: number): void {
    if (link.state === 'refused') this.add(at, 'link', 'down', '', link.refusal.words);
    else if (link.state === 'waiting' && link.attempt === 1) this.add(at, 'link', 'down', '', closeWords(link.code));
  }

  private tellStatus({ topic, before, status }: Extract<News, { kind: 'status' }>, at: number): void {
    const mode = status.mode;
    if (before?.mode === mode && before.reason === status.reason) return;
    const why = status.reason === undefined ? '' : `: ${feedReasons[status.reason] ?? status.reason}`;
    const lasted = before ? at - Date.parse(before.since) : NaN;
    const after = Number.isNaN(lasted) || !before ? '' : ` after ${age(lasted)} of ${before.mode}`;
    const tone = mode === 'streaming' ? 'up' : mode === 'blocked' ? 'down' : 'warn';
    this.add(at, 'mode', tone, nameOf(topic), `${mode}${why}${after}`);
  }

  private tellState({ topic, frame }: Extract<News, { kind: 'state' }>, at: number): void {
    const skipped = frame.skipped ? `, ${frame.skipped} frames left out` : '';
    const why: Record<string, string> = {
      epoch: 'State reloaded: a new epoch began',
      conflated: 'State reloaded: this page was slower than the market',
      resync: 'State reloaded: the difference was larger than the state',
      requested: 'State reloaded as asked',
    };
    const text = why[frame.reason ?? ''] ?? 'State reloaded: the gateway could not resume it';
    this.add(at, 'snapshot', frame.reason === 'conflated' ? 'warn' : '', nameOf(topic), `${text}${skipped}.`);
  }

  private tellGap(topic: Topic, gap: Gap, at: number): void {
    this.recovered += gap.recovered;
    const range = `${gap.from.slice(11, 19)} to ${gap.to.slice(11, 19)} UTC`;
    const text = gap.complete
      ? `${gap.recovered} events of ${range} were recovered.`
      : `${range} is not whole yet; ${gap.recovered} events were recovered.`;
    this.add(at, 'backfill', gap.complete ? 'up' : 'warn', nameOf(topic), text);
  }
}

function closeWords(code: number): string {
  if (code === 1012) return 'The gateway restarts.';
  if (code === 1013) return 'The gateway closed the connection: this page was too slow. It comes back and resumes.';
  return `The connection to the gateway was lost (${code}).`;
}

const channelNames: Record<string, string> = {
  v4_subaccounts: 'account',
  v4_parent_subaccounts: 'account',
  v4_orders: 'orders',
  v4_trades: 'trades',
  v4_transfers: 'transfers',
  v4_candles: 'candles',
  v4_orderbook: 'book',
  v4_markets: 'markets',
  v4_block_height: 'blocks',
};

/** "book BTC-USD", "fills": short enough for a table. */
export function nameOf(topic: Topic): string {
  const name = channelNames[topic.channel] ?? topic.channel;
  const { id } = topic;
  if (id === undefined) return name;
  if (id.startsWith('dydx1')) return name === 'trades' ? 'fills' : name;
  return `${name} ${id}`;
}
