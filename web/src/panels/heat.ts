/** Watches prices from the start, so that the list of markets can tell what moves now. */
import { asObject } from '@tidegate/client';
import { desk } from '../app/desk';
import { abs, compare, isDecimal } from '../format/decimal';
import { Moves } from '../state/moves';

const moves = new Moves();

desk.listen((news) => {
  if ((news.kind !== 'update' && news.kind !== 'state') || news.topic.channel !== 'v4_markets') return;
  for (const [ticker, fields] of Object.entries(asObject(asObject(news.frame.data).markets))) {
    const price = asObject(fields).oraclePrice;
    if (isDecimal(price)) moves.add(ticker, price, desk.clock.now());
  }
});

export function moved(ticker: string, price: string | undefined): string | null {
  return isDecimal(price) ? moves.share(ticker, price) : null;
}

const steps = ['0.0005', '0.002', '0.005'];

/** 0 for still, up to 3 for half a percent and more in a minute. */
export function heat(share: string | null): number {
  return share === null ? 0 : steps.filter((step) => compare(abs(share), step) >= 0).length;
}
