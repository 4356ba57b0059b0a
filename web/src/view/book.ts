import type { BookStore, Level } from '../feed/book';
import { decimals, divide, fromUnits, isDecimal, multiply, subtract, toUnits } from '../feed/decimal';
import type { Market } from '../feed/markets';
import { fixed, narrowPrice, narrowSize, nothing, onGrid, percent } from '../format/number';
import { bodyOf, byTestId, Rows, setValue, type Row } from './dom';

const shown = 14;

const asks = new Rows(bodyOf('book-asks'), ['price', 'size', 'total']);
const bids = new Rows(bodyOf('book-bids'), ['price', 'size', 'total']);

export function paintBook(store: BookStore | undefined, market: Market | undefined): void {
  const askRows = cumulated(store?.asks ?? []);
  const bidRows = cumulated(store?.bids ?? []);
  const most = Math.max(Number(askRows.at(-1)?.total ?? 0), Number(bidRows.at(-1)?.total ?? 0), Number.MIN_VALUE);
  const row =
    (tone: 'up' | 'down') =>
    (level: Cumulated): Row => ({
      key: level.price,
      bar: Number(level.total) / most,
      cells: [
        { text: narrowPrice(level.price, market?.tickSize), exact: level.price, tone },
        { text: narrowSize(level.size, market?.stepSize), exact: level.size },
        { text: narrowSize(level.total, market?.stepSize), exact: level.total, tone: 'muted' },
      ],
    });
  // The best ask stands next to the spread, so this side is drawn from the far end.
  asks.show(askRows.map(row('down')).reverse());
  bids.show(bidRows.map(row('up')));
  paintSpread(store?.bids[0], store?.asks[0], market);
}

function paintSpread(bid: Level | undefined, ask: Level | undefined, market: Market | undefined): void {
  const target = byTestId('book-spread');
  if (!bid || !ask) {
    setValue(target, !bid && !ask ? nothing : bid ? 'no asks' : 'no bids', '');
    return;
  }
  const spread = subtract(ask[0], bid[0]);
  const middle = multiply(addHalf(bid[0], ask[0]), '1');
  const share = divide(spread, middle, 8);
  setValue(target, `${narrowPrice(spread, market?.tickSize)} · ${percent(share, 3)}`, spread);
  setValue(byTestId('book-mid'), narrowPrice(middle, market?.tickSize), middle);
}

/** (a + b) / 2, exactly. */
function addHalf(a: string, b: string): string {
  const places = Math.max(decimals(a), decimals(b)) + 1;
  return fromUnits((toUnits(a, places) + toUnits(b, places)) / 2n, places);
}

interface Cumulated {
  price: string;
  size: string;
  total: string;
}

function cumulated(levels: readonly Level[]): Cumulated[] {
  const top = levels.slice(0, shown);
  const places = Math.max(0, ...top.map(([, size]) => decimals(size)));
  let total = 0n;
  return top.map(([price, size]) => {
    total += toUnits(size, places);
    return { price, size, total: fromUnits(total, places) };
  });
}

/** The strip of the market's own figures beside the selector. */
export function paintMarket(market: Market | undefined): void {
  setValue(byTestId('market-oracle'), onGrid(market?.oraclePrice, market?.tickSize), market?.oraclePrice);
  const change = market?.priceChange24H;
  const before = isDecimal(change) && isDecimal(market?.oraclePrice) ? subtract(market.oraclePrice, change) : null;
  const share = before !== null && isDecimal(change) ? divide(change, before, 6) : null;
  const element = byTestId('market-change');
  const plus = share !== null && !share.startsWith('-') && Number(share) !== 0 ? '+' : '';
  setValue(element, share === null ? nothing : plus + percent(share), change);
  element.dataset.tone = share === null || Number(share) === 0 ? '' : share.startsWith('-') ? 'down' : 'up';
  setValue(
    byTestId('market-volume'),
    market?.volume24H === undefined ? nothing : `$${fixed(market.volume24H, 0)}`,
    market?.volume24H,
  );
  setValue(byTestId('market-funding'), percent(market?.nextFundingRate, 5), market?.nextFundingRate);
}
