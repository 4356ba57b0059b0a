import type { Topic } from '../feed/topic';
import { byTestId, setAttribute, setText } from './dom';

/** A panel's note line and its dimming: how far what it shows can be trusted. */
export function showStanding(testId: string, topic: Topic | undefined, linkOpen: boolean): void {
  const panel = byTestId(testId);
  const note = panel.querySelector('.note')!;
  const stale =
    !linkOpen || (topic?.status !== null && topic?.status !== undefined && topic.status.mode !== 'streaming');
  setAttribute(panel, 'data-stale', stale && topic?.held ? 'true' : null);
  setText(note, words(topic, linkOpen));
}

function words(topic: Topic | undefined, linkOpen: boolean): string {
  if (!topic) return '';
  if (topic.error) return topic.error.code === 'unknown-id' ? 'not listed here' : topic.error.message;
  if (!topic.held) return topic.status && topic.status.mode !== 'streaming' ? topic.status.mode : 'waiting for data';
  if (!linkOpen) return 'last values seen';
  if (topic.status && topic.status.mode !== 'streaming') return topic.status.mode;
  if (topic.status && !topic.status.complete) return 'part is still looked for';
  const lost = topic.gaps.at(-1);
  if (lost && !lost.complete) return 'some events are missing';
  return '';
}
