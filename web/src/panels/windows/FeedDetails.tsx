/** The feed in all its figures: each topic, the gateway's own counters, and a proof against the REST side. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asList, asObject } from '@tidegate/client';
import { beats } from '../../app/beats';
import { desk } from '../../app/desk';
import { blockAge, messageRate, rateOf, seconds } from '../../app/rates';
import { open, table } from '../../app/windows';
import { compare, isZero } from '../../format/decimal';
import { nothing } from '../../format/number';
import { timeAs } from '../../format/time';
import type { BookStore } from '../../state/book';
import { nameOf } from '../../state/log';
import { Fact } from '../Feed';
import { Dialog } from '../parts';
import { Reconnect } from '../Reconnect';

const status = signal<Record<string, unknown> | null>(null);
const proof = signal('');

async function loadStatus(): Promise<void> {
  const path = desk.address === null ? '/ws/status' : `/ws/status/${desk.address}`;
  try {
    status.value = asObject(await desk.rest.get(path));
  } catch {
    status.value = null;
  }
}

export function FeedWindow() {
  void beats.second.value;
  useEffect(() => {
    void loadStatus();
    const timer = setInterval(() => void loadStatus(), 5000);
    return () => clearInterval(timer);
  }, []);
  const { standing, words, tone } = desk.overall.value;
  const offset = Math.round(desk.client.clockOffset);
  return (
    <Dialog title="Feed" close={() => (open.value = null)}>
      <p class="state" data-tone={tone}>
        <b>{standing}</b> <span class="muted">{words}</span>
      </p>
      <dl class="figures small">
        <Fact
          name="Page to gateway"
          value={desk.client.roundTrip === null ? nothing : `${Math.round(desk.client.roundTrip)} ms`}
        />
        <Fact name="Block age" value={seconds(blockAge())} />
        <Fact name="Updates" value={`${Math.round(messageRate())} /s`} />
        <Fact
          name="Gateway to glass"
          value={desk.vitals.latency.newest === null ? nothing : `${Math.round(desk.vitals.latency.newest)} ms`}
        />
        <Fact name="Clock offset" value={`${offset} ms`} />
        {statusFacts.map(([field, name]) => {
          const value = status.value?.[field];
          return value === undefined ? null : <Fact key={field} name={name} value={String(value)} />;
        })}
      </dl>
      <div class="actions">
        <Reconnect />
        <button onClick={() => void verify()} data-testid="verify">
          Verify the book
        </button>
        <span role="status">{proof.value}</span>
        <button
          onClick={() => {
            open.value = null;
            table.value = 'log';
          }}
        >
          Event log
        </button>
      </div>
      <TopicTable />
    </Dialog>
  );
}

const statusFacts = [
  ['upstream_latency_ms', 'Gateway to Indexer, ms'],
  ['lag_ms', 'Indexer lag, ms'],
  ['reconnect_count', 'Reconnects'],
  ['poll_count', 'Poll rounds'],
  ['gaps_repaired', 'Gaps repaired'],
  ['events_backfilled', 'Events backfilled'],
  ['clients', 'Clients'],
  ['mode', 'Account feed'],
] as const;

function TopicTable() {
  return (
    <div class="scroll" tabIndex={0} role="region" aria-label="Topics">
      <table data-testid="topics">
        <caption class="hidden-label">Topics that this page follows</caption>
        <thead>
          <tr>
            {['Topic', 'Mode', 'Last change', 'Per s', 'Seq', 'Epoch', 'Source', 'Conflated', 'Missed'].map(
              (name, at) => (
                <th key={name} scope="col" class={at < 2 ? 'text' : 'number'}>
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {[...desk.client.topics].map((topic) => (
            <tr key={nameOf(topic)}>
              <th scope="row" class="text">
                {nameOf(topic)}
              </th>
              <td class="text">
                {topic.error ? topic.error.code : topic.held ? (topic.status?.mode ?? 'streaming') : 'waiting'}
              </td>
              <td>{topic.lastAt === null ? nothing : timeAs('exact', topic.lastAt)}</td>
              <td>{rateOf(topic).toFixed(1)}</td>
              <td>{topic.seq ?? nothing}</td>
              <td title={topic.epoch ?? undefined}>{topic.epoch?.slice(0, 6) ?? nothing}</td>
              <td>{topic.resumed ? `${topic.lastSource ?? ''} resumed` : (topic.lastSource ?? nothing)}</td>
              <td>{topic.conflated}</td>
              <td>{topic.misses}</td>
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** Fetches the same book by REST and counts the levels that differ; the market moves meanwhile, so a few may. */
async function verify(): Promise<void> {
  const ticker = desk.market.peek();
  const topic = desk.book;
  if (ticker === null || !topic) return;
  proof.value = 'comparing…';
  try {
    const address = new URL(`/v4/orderbooks/perpetualMarket/${encodeURIComponent(ticker)}`, location.origin);
    const response = await desk.rest.fetch(address);
    const other = asObject(await response.json());
    const source = response.headers.get('X-Tidegate-Source') ?? 'unknown';
    const differing = differences(topic.store, other);
    proof.value = `${differing.count} of ${differing.of} levels differ (REST from ${source})`;
  } catch (error) {
    proof.value = error instanceof Error ? error.message : String(error);
  }
}

function differences(own: BookStore, other: Record<string, unknown>): { count: number; of: number } {
  let count = 0;
  let of = 0;
  for (const side of ['bids', 'asks'] as const) {
    const mine = new Map(own[side].map(([price, size]) => [price, size]));
    for (const level of asList(other[side])) {
      const [price, size] = [String(level.price), String(level.size)];
      of++;
      const held = mine.get(price);
      if (held === undefined ? !isZero(size) : compare(held, size) !== 0) count++;
    }
  }
  return { count, of };
}
