import { asObject, type Store } from './store';

export interface Market extends Record<string, unknown> {
  ticker?: string;
  status?: string;
  oraclePrice?: string;
  tickSize?: string;
  stepSize?: string;
  priceChange24H?: string;
  volume24H?: string;
  nextFundingRate?: string;
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
      this.byTicker.set(ticker, { ...this.byTicker.get(ticker), ...asObject(fields) });
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
