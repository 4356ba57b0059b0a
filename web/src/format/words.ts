/** The words for what the Indexer names in capitals. What is unknown here shows as it came. */
export const orderStatus: Record<string, string> = {
  OPEN: 'Open',
  FILLED: 'Filled',
  CANCELED: 'Canceled',
  BEST_EFFORT_CANCELED: 'Canceling',
  BEST_EFFORT_OPENED: 'Pending',
  UNTRIGGERED: 'Untriggered',
  ERROR: 'Error',
};

const orderTypes: Record<string, string> = {
  LIMIT: 'Limit',
  MARKET: 'Market',
  STOP_LIMIT: 'Stop limit',
  STOP_MARKET: 'Stop market',
  TRAILING_STOP: 'Trailing stop',
  TAKE_PROFIT: 'Take-profit limit',
  TAKE_PROFIT_MARKET: 'Take-profit market',
  TWAP: 'TWAP',
  TWAP_SUBORDER: 'TWAP',
  LIQUIDATED: 'Liquidated',
  LIQUIDATION: 'Liquidation',
  DELEVERAGED: 'Liquidated',
  OFFSETTING: 'Deleveraged',
};

/** `clientMetadata` 1 is how dYdX's own terminal marks market orders sent as limits. */
export function orderType(type: string | undefined, clientMetadata?: unknown): string {
  if (clientMetadata === '1') {
    if (type === 'LIMIT') return 'Market';
    if (type === 'STOP_LIMIT') return 'Stop market';
    if (type === 'TAKE_PROFIT') return 'Take-profit market';
  }
  return type === undefined ? '' : (orderTypes[type] ?? type);
}

/** Short tags for the tape: what is not an ordinary trade. */
export const tradeTags: Record<string, string> = {
  LIQUIDATED: 'LIQ',
  LIQUIDATION: 'LIQ',
  DELEVERAGED: 'ADL',
  OFFSETTING: 'ADL',
  TWAP_SUBORDER: 'TWAP',
};

export const transferTypes: Record<string, string> = {
  DEPOSIT: 'Deposit',
  WITHDRAWAL: 'Withdrawal',
  TRANSFER_IN: 'Transfer in',
  TRANSFER_OUT: 'Transfer out',
};

export const marketStatus: Record<string, string> = {
  PAUSED: 'No matching; the book may be empty.',
  CANCEL_ONLY: 'Orders can only be cancelled.',
  POST_ONLY: 'Only orders that rest in the book are taken.',
  INITIALIZING: 'The market is being opened.',
  FINAL_SETTLEMENT: 'Closed; prices are final.',
};

export const feedReasons: Record<string, string> = {
  'upstream-closed': 'the Indexer closed the connection',
  'upstream-silent': 'the Indexer went silent',
  'subscribe-failed': 'the Indexer does not take the subscription for now',
  backfill: 'missed events are being fetched',
  'chain-halted': 'the chain stands still',
  'indexer-trailing': 'the Indexer trails the chain',
  'geo-blocked': 'the Indexer refuses this location',
  'compliance-blocked': 'the Indexer refuses this account',
  'rate-limited': 'the Indexer limits our requests',
};
