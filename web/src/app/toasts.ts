/** Notices on the glass: a few at a time, each also in the log; one sentence to the screen reader, never a tick. */
import { effect, signal } from '@preact/signals';
import { NoticeDesk, type Notice } from '../state/notices';
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

function show(notice: Notice): void {
  if (document.hidden) unseen.value++;
  announcement.value = { text: `${notice.title}, ${notice.text}`, urgent: false };
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
  const notices = new NoticeDesk();
  const tell = (notice: Notice): void => {
    desk.log.add(desk.gatewayNow, 'notice', notice.tone, '', `${notice.title} ${notice.text}`);
    show(notice);
  };
  desk.listen((news) => {
    for (const notice of notices.take(news)) tell(notice);
  });
  effect(() => {
    void tick.value;
    const summary = notices.summary();
    if (summary) tell(summary);
    const now = performance.now();
    if (toasts.peek().some((toast) => toast.until < now)) {
      toasts.value = toasts.peek().filter((toast) => toast.until >= now);
    }
  });
  document.addEventListener('visibilitychange', () => {
    if (!document.hidden) unseen.value = 0;
  });
}
