/** How true the page is: the state of each way the data takes, in figures. */
import { signal } from '@preact/signals';
import type { Topic } from '@tidegate/client';
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { open } from '../app/windows';
import { fixed, nothing } from '../format/number';
import { age } from '../format/time';
import { Panel } from './Panel';
import { Num } from './parts';

const rates = new Map<Topic, { updates: number; at: number; rate: number }>();
let total = 0;

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
  total = topics.reduce((sum, topic) => sum + rateOf(topic), 0);
  return total;
}

export function blockAge(): number | null {
  const time = Date.parse(desk.block?.time ?? '');
  return Number.isNaN(time) ? null : Math.max(0, desk.gatewayNow - time);
}

/** "0.7 s": tenths while it is short. */
export function seconds(milliseconds: number | null): string {
  if (milliseconds === null) return nothing;
  return milliseconds < 9950 ? `${fixed((milliseconds / 1000).toFixed(1), 1)} s` : age(milliseconds);
}

export function Feed() {
  void beats.second.value;
  const { standing, figure, words, tone, act } = desk.overall.value;
  return (
    <Panel name="feed" title="Feed" head={<FeedHead />}>
      <p class="state" data-tone={tone}>
        <b>{standing}</b> {figure} <span class="muted">{words}</span>
      </p>
      {act === 'reconnect' && <Reconnect />}
      <dl class="figures four">
        <Fact name="Block age" value={seconds(blockAge())} />
        <Fact
          name="Gateway"
          value={desk.client.roundTrip === null ? nothing : `${Math.round(desk.client.roundTrip)} ms`}
        />
        <Fact name="Repairs" value={String(desk.log.repairs)} />
        <Fact name="Recovered" value={String(desk.log.recovered)} />
      </dl>
    </Panel>
  );
}

export function Fact({ name, value, testId }: { name: string; value: string; testId?: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <Num text={value} exact={value} {...(testId ? { testId } : {})} />
      </dd>
    </div>
  );
}

function FeedHead() {
  return (
    <div class="tools">
      <button onClick={() => (open.value = 'feed')} data-testid="feed-details">
        Details
      </button>
    </div>
  );
}

const asking = signal('');

export function Reconnect() {
  if (desk.address === null) return null;
  const press = async (): Promise<void> => {
    asking.value = 'asking…';
    try {
      await desk.reconnectUpstream();
      asking.value = 'asked';
    } catch (error) {
      asking.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <span class="act">
      <button onClick={() => void press()} data-testid="reconnect">
        Reconnect now
      </button>{' '}
      <small>{asking.value}</small>
    </span>
  );
}
