/** The account's worth over time: the past by REST, the present as it comes. */
import { signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asList, asObject } from '@tidegate/client';
import { beats, tick } from '../app/beats';
import { desk } from '../app/desk';
import { isDecimal, pixels, subtract } from '../format/decimal';
import { direction, dollars, signed } from '../format/number';
import { timeAs } from '../format/time';
import { Num } from './parts';

interface Point {
  at: number;
  equity: string;
}

const day = 86_400_000;
const ranges = { '1d': day, '7d': 7 * day, '30d': 30 * day, '90d': 90 * day };
type Range = keyof typeof ranges;

const past = signal<{ key: string; points: readonly Point[] }>({ key: '', points: [] });
const live: Point[] = [];
let liveKey = '';
const chosen = signal<Range | null>(null);
const liveEvery = 2_000;
const liveKept = 2_000;

/** Keeps a point every two seconds, so that the curve grows even where no history is. */
function sample(key: string): void {
  const equity = desk.account?.store.account?.equity;
  if (key !== liveKey) {
    live.length = 0;
    liveKey = key;
  }
  if (!isDecimal(equity) || !desk.account?.held) return;
  const at = desk.gatewayNow;
  if (at - (live.at(-1)?.at ?? 0) < liveEvery) return;
  live.push({ at, equity });
  if (live.length > liveKept) live.splice(0, live.length - liveKept);
}

async function loadPast(key: string, address: string): Promise<void> {
  const { subaccount, parent } = desk.client.account;
  const path = parent ? '/v4/historical-pnl/parentSubaccountNumber' : '/v4/historical-pnl';
  const who = parent ? { parentSubaccountNumber: subaccount } : { subaccountNumber: subaccount };
  past.value = { key, points: [] };
  try {
    const body = asObject(await desk.rest.get(path, { address, ...who, limit: 1000 }));
    const points = asList(body.historicalPnl)
      .map((row) => ({ at: Date.parse(String(row.createdAt)), equity: String(row.equity) }))
      .filter((point) => !Number.isNaN(point.at) && isDecimal(point.equity))
      .sort((a, b) => a.at - b.at);
    past.value = { key, points };
  } catch {
    // The live part of the curve needs no history.
  }
}

export function EquityCurve() {
  void beats.second.value;
  const { address } = desk;
  const hour = Math.floor(desk.gatewayNow / 3_600_000);
  const key = `${address} ${JSON.stringify(desk.client.account)}`;
  useEffect(() => {
    if (address !== null) void loadPast(key, address);
  }, [key, hour]);
  // Seen or not: a page in the background goes on with its curve.
  useEffect(() => tick.subscribe(() => sample(key)), [key]);
  // Until somebody greets us nobody knows whether there is an account: the place is kept.
  if (address === null) return desk.client.session ? null : <figure class="curve" />;
  const points = [...(past.value.key === key ? past.value.points : []), ...live];
  const oldest = points[0]?.at ?? desk.gatewayNow;
  const offered = (Object.keys(ranges) as Range[]).filter((range) => oldest < desk.gatewayNow - ranges[range] / 7);
  const range = chosen.value ?? (offered.includes('7d') ? '7d' : '1d');
  const seen = points.filter((point) => point.at > desk.gatewayNow - ranges[range]);
  const [first, last] = [seen[0], seen.at(-1)];
  const change = first && last ? subtract(last.equity, first.equity) : null;
  return (
    <figure class="curve" data-testid="equity-curve" data-count={seen.length}>
      <figcaption>
        <span>
          Equity since {first ? timeAs('date', first.at) : 'now'}{' '}
          <Num text={signed(change, dollars(change))} exact={change} tone={direction(change)} />
        </span>
        {offered.length > 1 && (
          <span class="choice" role="group" aria-label="Range">
            {offered.map((one) => (
              <button key={one} aria-pressed={one === range} onClick={() => (chosen.value = one)}>
                {one}
              </button>
            ))}
          </span>
        )}
      </figcaption>
      <Curve points={seen} />
    </figure>
  );
}

const width = 300;
const height = 64;

function Curve({ points }: { points: readonly Point[] }) {
  if (points.length < 2) return <svg viewBox={`0 0 ${width} ${height}`} aria-hidden="true" />;
  const values = points.map((point) => pixels(point.equity));
  const [low, high] = [Math.min(...values), Math.max(...values)];
  const [from, to] = [points[0]!.at, points.at(-1)!.at];
  const x = (at: number) => ((at - from) / Math.max(1, to - from)) * width;
  const y = (value: number) => 4 + (1 - (value - low) / Math.max(Number.MIN_VALUE, high - low)) * (height - 8);
  const line = points.map((point, at) => `${x(point.at).toFixed(1)},${y(values[at]!).toFixed(1)}`).join(' ');
  const tone = direction(subtract(points.at(-1)!.equity, points[0]!.equity));
  return (
    <svg
      viewBox={`0 0 ${width} ${height}`}
      preserveAspectRatio="none"
      role="img"
      aria-label={`Equity from ${dollars(points[0]!.equity)} to ${dollars(points.at(-1)!.equity)}`}
      data-tone={tone}
    >
      <polygon class="area" points={`0,${height} ${line} ${width},${height}`} />
      <polyline points={line} fill="none" vector-effect="non-scaling-stroke" />
    </svg>
  );
}
