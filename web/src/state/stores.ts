import type { Store } from '@tidegate/client';
import { AccountStore } from './account';
import { BookStore } from './book';
import { CandlesStore } from './candles';
import { BlockStore, MarketsStore } from './markets';
import { OrdersStore } from './orders';
import { TradesStore } from './trades';
import { TransfersStore } from './transfers';

/** The store that can read a channel, or null for one this page has no use for. */
export function storeFor(channel: string): Store | null {
  switch (channel) {
    case 'v4_subaccounts':
    case 'v4_parent_subaccounts':
      return new AccountStore();
    case 'v4_orders':
      return new OrdersStore();
    case 'v4_trades':
      return new TradesStore();
    case 'v4_transfers':
      return new TransfersStore();
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
