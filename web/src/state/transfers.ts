import { asList, asObject, type Store } from '@tidegate/client';

export interface Transfer extends Record<string, unknown> {
  id?: string;
  type?: string;
  size?: string;
  symbol?: string;
  createdAt?: string;
  createdAtHeight?: string;
  transactionHash?: string;
  sender?: { address?: string; subaccountNumber?: number };
  recipient?: { address?: string; subaccountNumber?: number };
}

const kept = 500;

/** An account's deposits, withdrawals and transfers, the newest first. */
export class TransfersStore implements Store {
  private list: Transfer[] = [];

  get transfers(): readonly Transfer[] {
    return this.list;
  }

  replace(data: unknown): void {
    this.list = [];
    this.apply(data);
  }

  apply(data: unknown): void {
    // One learned from a frame has no id yet; frames never repeat, so it needs none.
    for (const row of asList(asObject(data).transfers)) {
      if (row.id !== undefined && this.list.some((known) => known.id === row.id)) continue;
      this.list.unshift(row as Transfer);
    }
    this.list.sort((a, b) => (b.createdAt ?? '').localeCompare(a.createdAt ?? ''));
    if (this.list.length > kept) this.list.length = kept;
  }
}
