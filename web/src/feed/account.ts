import { asObject, type Store } from './store';

export interface Position extends Record<string, unknown> {
  market?: string;
  side?: string;
  size?: string;
  entryPrice?: string;
  notional?: string | null;
  unrealizedPnl?: string | null;
  realizedPnl?: string | null;
  liquidationPrice?: string | null;
}

export interface Account extends Record<string, unknown> {
  equity?: string | null;
  freeCollateral?: string | null;
  marginUsed?: string | null;
  initialMargin?: string | null;
  maintenanceMargin?: string | null;
  marginUsage?: string | null;
  leverage?: string | null;
  unrealizedPnl?: string | null;
}

/** An account: every frame carries its whole current value. */
export class AccountStore implements Store {
  account: Account | null = null;

  get positions(): Position[] {
    return Object.values(asObject(this.account?.openPerpetualPositions)).map((row) => asObject(row) as Position);
  }

  replace(data: unknown): void {
    this.account = asObject(asObject(data).subaccount) as Account;
  }

  apply(data: unknown): void {
    this.replace(data);
  }
}
