import { asObject, type Store } from '@tidegate/client';
import { add, compare, divide, isDecimal, isZero, multiply, plainDecimal, subtract } from '../format/decimal';

export interface Market extends Record<string, unknown> {
  ticker?: string;
  status?: string;
  oraclePrice?: string;
  tickSize?: string;
  stepSize?: string;
  priceChange24H?: string;
  volume24H?: string;
  nextFundingRate?: string;
  trades24H?: number;
  openInterest?: string;
  openInterestLowerCap?: string | null;
  openInterestUpperCap?: string | null;
  initialMarginFraction?: string;
  maintenanceMarginFraction?: string;
  marketType?: string;
  clobPairId?: string;
  oracleEffectiveAt?: string;
}

/** All markets by ticker; an update carries only the fields that changed. */
export class MarketsStore implements Store {
  private readonly byTicker = new Map<string, Market>();

  get tickers(): string[] {
    return [...this.byTicker.keys()];
  }

  get(ticker: string): Market | undefined {
    return this.byTicker.get(ticker);
  }

  replace(data: unknown): void {
    this.byTicker.clear();
    this.apply(data);
  }

  apply(data: unknown): void {
    for (const [ticker, fields] of Object.entries(asObject(asObject(data).markets))) {
      const market: Market = { ...this.byTicker.get(ticker), ...asObject(fields) };
      this.byTicker.set(ticker, { ...market, ...gridOf(market) });
    }
  }
}

/** The chain's height; the gateway promises that it never falls. */
export class BlockStore implements Store {
  height: string | null = null;
  time: string | null = null;

  replace(data: unknown): void {
    const { height, time } = asObject(data);
    this.height = height === undefined || height === null ? null : String(height);
    this.time = typeof time === 'string' ? time : null;
  }

  apply(data: unknown): void {
    this.replace(data);
  }
}

/** Tick and step written out: "1e-9" is allowed on the wire. */
function gridOf({ tickSize, stepSize }: Market): Market {
  const tick = plainDecimal(tickSize);
  const step = plainDecimal(stepSize);
  return { ...(tick === undefined ? {} : { tickSize: tick }), ...(step === undefined ? {} : { stepSize: step }) };
}

/** The change of a day as a fraction of the price a day ago. */
export function changeShare(market: Market | undefined): string | null {
  const { oraclePrice, priceChange24H } = market ?? {};
  if (!isDecimal(oraclePrice) || !isDecimal(priceChange24H)) return null;
  return divide(priceChange24H, subtract(oraclePrice, priceChange24H), 6);
}

/** Open interest in dollars, at the oracle price. */
export function openInterestUsd(market: Market | undefined): string | null {
  const { oraclePrice, openInterest } = market ?? {};
  return isDecimal(oraclePrice) && isDecimal(openInterest) ? multiply(openInterest, oraclePrice) : null;
}

export interface Leverage {
  base: string;
  /** What open interest leaves of it; equal to the base below the lower cap. */
  effective: string;
}

/** Most leverage: the initial margin grows from its base to 1 while open interest goes from the lower to the upper cap. */
export function maxLeverage(market: Market | undefined): Leverage | null {
  const margin = market?.initialMarginFraction;
  if (!isDecimal(margin) || isZero(margin)) return null;
  const base = divide('1', margin, 4)!;
  const { openInterestLowerCap: lower, openInterestUpperCap: upper } = market!;
  const interest = openInterestUsd(market);
  if (interest === null || !isDecimal(lower) || !isDecimal(upper) || compare(interest, lower) <= 0) {
    return { base, effective: base };
  }
  const used = divide(subtract(interest, lower), subtract(upper, lower), 12);
  const raised = used === null ? '1' : add(margin, multiply(used, subtract('1', margin)));
  return { base, effective: divide('1', compare(raised, '1') > 0 ? '1' : raised, 4)! };
}

export function baseOf(ticker: string): string {
  return ticker.split('-')[0]!.split(',')[0]!;
}

/** Tickers that fit what was typed: exact ones first, then beginnings, then the rest; each part as it came. */
export function search(tickers: readonly string[], typed: string): string[] {
  const wanted = typed.trim().toLowerCase();
  if (wanted === '') return [...tickers];
  const rank = (ticker: string): number => {
    const name = ticker.toLowerCase();
    if (name === wanted || baseOf(name) === wanted) return 0;
    return name.startsWith(wanted) ? 1 : name.includes(wanted) ? 2 : 3;
  };
  return tickers.filter((ticker) => rank(ticker) < 3).sort((a, b) => rank(a) - rank(b));
}
