/** Notices on the glass: a few at a time, each also in the log; one sentence to the screen reader, never a tick. */
import { effect, signal } from '@preact/signals';
import type { News } from '@tidegate/client';
import type { Notice, NoticeDesk } from '../state/notices';
import { tick } from './beats';
import type { Desk } from './desk';
import { settings } from './settings';

const shown = 2;
const lasts = 5_000;

export const toasts = signal<readonly (Notice & { until: number })[]>([]);
/** Notices since the page was last looked at; a hidden page tells the count in its title. */
export const unseen = signal(0);
/** What a screen reader is to say, and whether it may interrupt. */
export const announcement = signal<{ text: string; urgent: boolean }>({ text: '', urgent: false });

export function dismiss(key: string): void {
  toasts.value = toasts.value.filter((toast) => toast.key !== key);
}

/** Says something to the person who pressed a key or a button. */
export function say(title: string, text = '', tone: Notice['tone'] = ''): void {
  show({ key: `${title} ${performance.now()}`, title, text, tone });
}

/** A notice that follows a change of state at once must not take its word away before it was read. */
const readWithin = 3_000;
let state = { text: '', at: -Infinity };

/** Tells a screen reader what state the page has come to. */
export function tellState(text: string, urgent: boolean): void {
  state = { text, at: performance.now() };
  announcement.value = { text, urgent };
}

function show(notice: Notice): void {
  if (document.hidden) unseen.value++;
  const before = performance.now() - state.at < readWithin ? `${state.text} ` : '';
  announcement.value = { text: `${before}${notice.title}, ${notice.text}`, urgent: false };
  pop(notice);
}

/** Shows a notice without a word to the screen reader, which has heard it already. */
export function pop(notice: Notice): void {
  if (settings.toasts.value === 'off') return;
  toasts.value = [...toasts.value.slice(1 - shown), { ...notice, until: performance.now() + lasts }];
  if (settings.sound.value === 'on') chime(notice.tone);
  if (document.hidden && settings.system.value === 'on' && Notification.permission === 'granted') {
    new Notification(notice.title, { body: notice.text, tag: notice.key });
  }
}

let audio: AudioContext | null = null;

/** A short tone, made here so that no file is needed: higher for a buy. */
function chime(tone: Notice['tone']): void {
  audio ??= new AudioContext();
  const oscillator = audio.createOscillator();
  const volume = audio.createGain();
  oscillator.frequency.value = tone === 'down' ? 440 : 660;
  volume.gain.setValueAtTime(0.08, audio.currentTime);
  volume.gain.exponentialRampToValueAtTime(0.0001, audio.currentTime + 0.25);
  oscillator.connect(volume).connect(audio.destination);
  oscillator.start();
  oscillator.stop(audio.currentTime + 0.25);
}

export function startToasts(desk: Desk): void {
  const tell = (notice: Notice): void => {
    desk.log.add(desk.gatewayNow, 'notice', notice.tone, '', `${notice.title} ${notice.text}`);
    show(notice);
  };
  let notices: NoticeDesk | null = null;
  let early: News[] = [];
  let comes = true;
  const take = (news: News): void => {
    if (notices === null) {
      if (comes && news.kind === 'update') early.push(news);
      return;
    }
    notices.take(news).forEach(tell);
  };
  desk.listen(take);
  const greeted = new Promise<void>((done) => desk.listen((news) => news.kind === 'connected' && done()));
  // Its script comes with those of the panels; what happens until then waits.
  void greeted
    .then(() => import('../state/notices'))
    .then(({ NoticeDesk }) => {
      notices = new NoticeDesk();
      early.forEach(take);
    })
    // Without it there are no notices, and nothing is kept for them.
    .catch(() => (comes = false))
    .finally(() => (early = []));
  effect(() => {
    void tick.value;
    const now = performance.now();
    for (const sum of [notices?.summary(), notices?.repaired(now)]) if (sum) tell(sum);
    if (toasts.peek().some((toast) => toast.until < now)) {
      toasts.value = toasts.peek().filter((toast) => toast.until >= now);
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) unseen.value = 0;
  });
}
