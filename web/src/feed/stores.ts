import { AccountStore } from './account';
import { BookStore } from './book';
import { CandlesStore } from './candles';
import { BlockStore, MarketsStore } from './markets';
import { OrdersStore } from './orders';
import type { Store } from './store';
import { TradesStore } from './trades';

/** The store that can read a channel, or null for one this page has no use for. */
export function storeFor(channel: string): Store | null {
  switch (channel) {
    case 'v4_subaccounts':
      return new AccountStore();
    case 'v4_orders':
      return new OrdersStore();
    case 'v4_trades':
      return new TradesStore();
    case 'v4_orderbook':
      return new BookStore();
    case 'v4_candles':
      return new CandlesStore();
    case 'v4_markets':
      return new MarketsStore();
    case 'v4_block_height':
      return new BlockStore();
    default:
      return null;
  }
}
