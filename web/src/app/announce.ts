/** The title, the icon in the tab, the pill's banner and the sentence for a screen reader, all out of one state. */
import { effect, signal } from '@preact/signals';
import type { Overall } from '../state/standing';
import { middle } from '../format/decimal';
import { narrowPrice } from '../format/number';
import { age } from '../format/time';
import { tick } from './beats';
import { settings } from './settings';
import type { Desk } from './desk';
import { announcement, pop, tellState, unseen } from './toasts';

/** A state that lasts less is no news: a blip of 400 ms shows no banner. */
const settles = 2_000;
/** One that lasts longer is worth a notice, and so is its end. */
const noticed = 5_000;
const urgent = new Set(['BLOCKED', 'SIGN IN', 'GATEWAY OFFLINE', 'NO ACCESS']);

/** The state that has lasted long enough for a banner; null while all is well. */
export const banner = signal<Overall | null>(null);

export function startAnnouncing(desk: Desk): void {
  let standing = '';
  let since = 0;
  let awaySince: number | null = null;
  effect(() => {
    const now = desk.overall.value;
    if (now.standing !== standing) {
      if (now.standing === 'LIVE' && awaySince !== null) {
        pop({
          key: `live ${awaySince}`,
          title: 'Live again',
          text: `after ${age(performance.now() - awaySince)}`,
          tone: 'up',
        });
        awaySince = null;
      }
      standing = now.standing;
      since = performance.now();
      tellState(`${now.standing.toLowerCase()}. ${now.words}`, urgent.has(now.standing));
    }
    // Nobody is called before there is a token to show: the card asks for it.
    const idle = desk.client.link.state === 'closed';
    const quiet = idle || now.standing === 'LIVE' || now.standing === 'PAUSED' || now.standing === 'CONFLATED';
    const settled = performance.now() - since >= settles || now.standing === 'NO ACCESS';
    if (!quiet && awaySince === null && performance.now() - since >= noticed) {
      awaySince = since;
      pop({ key: `away ${since}`, title: now.standing, text: now.words, tone: now.tone === 'down' ? 'down' : 'warn' });
    }
    banner.value = quiet || !settled ? null : now;
    showTab(desk, now);
  });
}

function showTab(desk: Desk, { icon, standing, tone }: Overall): void {
  void tick.value;
  const ticker = desk.market.value;
  const store = desk.book?.store;
  const [bid] = store?.bids ?? [];
  const [ask] = store?.asks ?? [];
  const mid = bid && ask ? middle(bid[0], ask[0]) : (desk.marketOf(ticker)?.oraclePrice ?? null);
  const mark = standing === 'LIVE' ? '' : `${icon} `;
  const count = unseen.value > 0 ? `(${unseen.value}) ` : '';
  const price = mid === null ? '' : `${narrowPrice(mid, desk.marketOf(ticker)?.tickSize)} `;
  if (mid !== null && standing === 'LIVE' && tick.value % Number(settings.spoken.value) === 0) {
    announcement.value = { text: `${ticker} ${narrowPrice(mid, desk.marketOf(ticker)?.tickSize)}`, urgent: false };
  }
  const title = `${mark}${count}${ticker === null ? '' : `${price}${ticker} · `}Tidegate`;
  if (document.title !== title) document.title = title;
  const name = tone === 'up' ? 'live' : tone === 'down' ? 'bad' : 'warn';
  const link = document.querySelector<HTMLLinkElement>('link[rel=icon]');
  const href = new URL(`favicon-${name}.svg`, document.baseURI).href;
  if (link && link.href !== href) link.href = href;
}
