/** What a market costs to hold, and the rules it is traded by. */
import { signal, useSignal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { asList, asObject } from '@tidegate/client';
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { looks } from '../app/settings';
import { isDecimal, pixels } from '../format/decimal';
import { fixed, percent, plain, times } from '../format/number';
import { marketStatus } from '../format/words';
import { maxLeverage } from '../state/markets';
import { Choice } from './parts';

const views = { hour: 1, eight: 8, year: 8760 };
const view = signal<keyof typeof views>('hour');

export function Funding() {
  const box = useRef<HTMLDivElement>(null);
  const points = useSignal<{ time: number; rate: number }[] | string | null>(null);
  useEffect(() => {
    const ticker = desk.market.peek();
    if (ticker === null) return;
    desk.rest
      .get(`/v4/historicalFunding/${encodeURIComponent(ticker)}`, { limit: 336 })
      .then((body) => {
        const rows = asList(asObject(body).historicalFunding).map((row) => ({
          time: Math.floor(Date.parse(String(row.effectiveAt)) / 1000),
          rate: pixels(row.rate) * 100,
        }));
        rows.sort((a, b) => a.time - b.time);
        points.value = rows.filter((row, at) => row.time > (rows[at - 1]?.time ?? 0));
      })
      .catch((error: unknown) => (points.value = error instanceof Error ? error.message : String(error)));
  }, []);
  const known = points.value;
  const factor = views[view.value];
  useEffect(() => {
    if (!Array.isArray(known) || known.length === 0) return;
    let remove = (): void => undefined;
    let gone = false;
    void import('../charts').then(({ drawFunding }) => {
      if (gone || !box.current) return;
      const scaled = known.map(({ time, rate }) => ({ time, rate: rate * factor }));
      remove = drawFunding(box.current, scaled, view.peek() === 'year' ? 2 : 5);
    });
    return () => {
      gone = true;
      remove();
    };
  }, [known, factor, looks.value]);
  return (
    <>
      <div class="chart-tools">
        <Choice
          label="Funding as"
          value={view}
          options={[
            ['hour', '1 h'],
            ['eight', '8 h'],
            ['year', 'a year'],
          ]}
        />
      </div>
      {typeof known === 'string' && <p class="empty">Funding could not be fetched: {known}</p>}
      {known === null && <p class="empty">Fetching…</p>}
      {Array.isArray(known) && known.length === 0 && <p class="empty">No funding yet.</p>}
      <div
        class="chart"
        ref={box}
        data-testid="funding-chart"
        role="img"
        aria-label="Funding rate of the last 14 days"
      />
    </>
  );
}

export function Details() {
  void beats.market.value;
  const market = desk.marketOf(desk.market.value);
  if (!market) return <p class="empty">Waiting for the market.</p>;
  const margin = (value: string | undefined) => (isDecimal(value) ? percent(value, 4) : '—');
  const status = market.status ?? '';
  const facts: [string, string][] = [
    ['Ticker', market.ticker ?? ''],
    ['Status', `${status}${marketStatus[status] ? `: ${marketStatus[status]}` : ''}`],
    ['Margin', (market.marketType ?? '').toLowerCase()],
    ['Tick size', plain(market.tickSize)],
    ['Step size, smallest order', plain(market.stepSize)],
    ['Most leverage', times(maxLeverage(market)?.effective)],
    ['Initial margin', margin(market.initialMarginFraction)],
    ['Maintenance margin', margin(market.maintenanceMarginFraction)],
    ['Open interest cap', `${fixed(market.openInterestLowerCap, 0)} to ${fixed(market.openInterestUpperCap, 0)}`],
    ['Number on the chain', market.clobPairId ?? ''],
  ];
  return (
    <dl class="facts" data-testid="market-details">
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd dir="ltr">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
