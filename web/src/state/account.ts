import { asList, asObject, type Store } from '@tidegate/client';

export interface Position extends Record<string, unknown> {
  market?: string;
  side?: string;
  size?: string;
  entryPrice?: string;
  notional?: string | null;
  unrealizedPnl?: string | null;
  realizedPnl?: string | null;
  liquidationPrice?: string | null;
  maintenanceMargin?: string | null;
  netFunding?: string | null;
  createdAt?: string;
  subaccountNumber?: number;
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

/** An account, or a parent with its isolated children: every frame carries the whole current value. */
export class AccountStore implements Store {
  account: Account | null = null;
  /** The youngest first; each knows the subaccount that holds it. */
  positions: Position[] = [];

  /** Where positions of one subaccount share their margin: below 128 they do, above each market stands alone. */
  get children(): Account[] {
    return asList(this.account?.childSubaccounts) as Account[];
  }

  replace(data: unknown): void {
    this.account = asObject(asObject(data).subaccount) as Account;
    const holders = Array.isArray(this.account.childSubaccounts) ? this.children : [this.account];
    this.positions = holders
      .flatMap((holder) => Object.values(asObject(holder.openPerpetualPositions)).map((row) => positionOf(row, holder)))
      .sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
  }

  apply(data: unknown): void {
    this.replace(data);
  }
}

function positionOf(row: unknown, holder: Account): Position {
  const number = holder.subaccountNumber;
  return { ...(typeof number === 'number' ? { subaccountNumber: number } : {}), ...asObject(row) } as Position;
}

/** Subaccounts from 128 on hold one isolated position each. */
export function isIsolated(subaccountNumber: unknown): boolean {
  return typeof subaccountNumber === 'number' && subaccountNumber >= 128;
}
