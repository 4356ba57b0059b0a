/** The chart in words and numbers: the bar under the crosshair, and the bars that are seen as a table. */
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { settings } from '../app/settings';
import { compare, divide, isDecimal, subtract, trim } from '../format/decimal';
import { compact, direction, fixed, narrowPrice, nothing, percent, plain, signed } from '../format/number';
import { timeAs } from '../format/time';
import type { Bar } from '../state/bars';
import { secondsOf } from '../state/resolutions';
import { made, older, pointed, showsVwap, shown } from './chartBars';
import { fillMarks } from './chartMarks';
import { Num } from './parts';

export function barWords(bar: Bar): string {
  const price = (value: string) => narrowPrice(value, desk.marketOf(desk.market.peek())?.tickSize);
  return `${timeAs('bar', bar.time * 1000)}, open ${price(bar.open)}, high ${price(bar.high)}, low ${price(bar.low)}, close ${price(bar.close)}, volume ${compact(bar.usdVolume)} dollars`;
}

export function Legend() {
  const bar = pointed.value ?? shown.value;
  const tick = desk.marketOf(desk.market.value)?.tickSize;
  if (!bar) return <p class="legend" data-testid="candle-last" />;
  const change =
    isDecimal(bar.open) && isDecimal(bar.close) ? divide(subtract(bar.close, bar.open), bar.open, 6) : null;
  const tone = isDecimal(bar.close) && isDecimal(bar.open) && compare(bar.close, bar.open) < 0 ? 'down' : 'up';
  const kinds = { traded: '', quoted: 'hollow: middle of the book, at most one trade', empty: 'thin: no trade' };
  return (
    <p class="legend" data-testid="candle-last" data-value={String(bar.time)}>
      {(['open', 'high', 'low', 'close'] as const).map((field) => (
        <span key={field}>
          {field[0]!.toUpperCase()} <Num text={narrowPrice(bar[field], tick)} exact={bar[field]} tone={tone} />
        </span>
      ))}
      <span data-tone={direction(change)}>{change === null ? nothing : signed(change, percent(change))}</span>
      <span>V ${compact(bar.usdVolume)}</span>
      <span>{fixed(String(bar.trades), 0)} trades</span>
      {bar.kind !== 'traded' && <span>{kinds[bar.kind]}</span>}
      <Extras bar={bar} tick={tick} />
      {older.value === 'loading' && <span>fetching older…</span>}
      {older.value !== 'no' && older.value !== 'loading' && older.value !== 'done' && (
        <button class="plain" onClick={() => (older.value = 'no')} title={older.value}>
          older failed, try again
        </button>
      )}
    </p>
  );
}

/** What is drawn over a bar, and for the newest where it came from, unless that was the stream. */
function Extras({ bar, tick }: { bar: Bar; tick: string | undefined }) {
  void beats.chart.value;
  const ticker = desk.market.value;
  const { vwap, marks } = settings;
  const newest = bar.time === made.bars.at(-1)?.time;
  const average =
    vwap.value === 'on' && showsVwap() ? made.vwap.values[made.bars.findIndex((one) => one.time === bar.time)] : null;
  const fills =
    marks.value === 'on' && ticker !== null ? fillMarks(desk, ticker, secondsOf(desk.resolution.value), made.bars) : [];
  const source = newest ? desk.candles?.lastSource : null;
  return (
    <>
      {average && (
        <span data-tone="accent" data-testid="vwap">
          VWAP <Num text={narrowPrice(average, tick)} exact={average} />
        </span>
      )}
      {fills
        .filter((mark) => mark.time === bar.time)
        .map((mark) => (
          <span key={mark.side} data-tone={mark.side === 'BUY' ? 'up' : 'down'}>
            {mark.side === 'BUY' ? 'bought' : 'sold'} {plain(trim(mark.size))} at {mark.text}
          </span>
        ))}
      {source && source !== 'stream' && <span data-tone="warn">from {source}</span>}
    </>
  );
}

export function BarTable({ bars }: { bars: readonly Bar[] }) {
  const tick = desk.marketOf(desk.market.value)?.tickSize;
  const daily = secondsOf(desk.resolution.value) >= 86_400;
  return (
    <div class="bar-table scroll" tabIndex={0} role="region" aria-label="Bars as a table">
      <table>
        <caption class="hidden-label">The bars that are seen, the newest first</caption>
        <thead>
          <tr>
            {['Start', 'Open', 'High', 'Low', 'Close', 'Volume', 'Trades'].map((name) => (
              <th key={name} scope="col">
                {name}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {[...bars]
            .reverse()
            .slice(0, 200)
            .map((bar) => (
              <tr key={bar.time} data-value={bar.time}>
                <th scope="row">{daily ? timeAs('day', bar.time * 1000, 'UTC') : timeAs('bar', bar.time * 1000)}</th>
                {[bar.open, bar.high, bar.low, bar.close].map((value, at) => (
                  <td key={at}>{narrowPrice(value, tick)}</td>
                ))}
                <td>${compact(bar.usdVolume)}</td>
                <td>{bar.trades}</td>
              </tr>
            ))}
        </tbody>
      </table>
    </div>
  );
}
