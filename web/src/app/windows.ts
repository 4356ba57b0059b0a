/** Which window lies over the page, which tab is chosen where, and what a phone shows. */
import { signal } from '@preact/signals';

export type WindowName = 'markets' | 'commands' | 'settings' | 'keys' | 'account' | 'feed' | 'signin';

export const open = signal<WindowName | null>(null);

export type TableName = 'positions' | 'orders' | 'fills' | 'history' | 'funding' | 'transfers' | 'log';
export const table = signal<TableName>('positions');

export type ChartView = 'price' | 'depth' | 'funding' | 'details';
export const chartView = signal<ChartView>('price');

/** Where book, trades and feed share a column. */
export const column = signal<'book' | 'trades' | 'feed'>('book');

export const section = signal<'market' | 'account' | 'orders' | 'feed'>('market');
