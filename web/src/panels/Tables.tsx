/** The account's tables behind tabs, with one filter and one export for all. */
import { effect, signal, type Signal } from '@preact/signals';
import { beats } from '../app/beats';
import { download } from '../app/browser';
import { desk } from '../app/desk';
import { settings } from '../app/settings';
import { table, type TableName } from '../app/windows';
import { csv } from '../format/csv';
import type { Topic } from '@tidegate/client';
import type { Column } from './DataTable';
import './heat';
import { fillColumns, fillRows, Fills } from './Fills';
import { Log, logColumns } from './Log';
import { endedOrders, historyColumns, openOrderColumns, OpenOrders, openOrders, OrderHistory } from './Orders';
import { Fence, Freshness, isOld } from './Panel';
import { Choice, Tabs } from './parts';
import { FundingPayments, paymentColumns, paymentRows, transferColumns, transferRows, Transfers } from './Payments';
import '../styles/tables.css';
import { positionColumns, positionRows, Positions } from './Positions';

interface Sheet {
  title: string;
  topic: () => Topic | undefined;
  count: (() => number) | null;
  show: () => preact.JSX.Element;
  columns: readonly Column<never>[];
  rows: () => readonly unknown[];
}

const sheets: Record<TableName, Sheet> = {
  positions: {
    title: 'Positions',
    topic: () => desk.account,
    count: () => desk.account?.store.positions.length ?? 0,
    show: () => <Positions />,
    columns: positionColumns as readonly Column<never>[],
    rows: positionRows,
  },
  orders: {
    title: 'Orders',
    topic: () => desk.orders,
    count: () => openOrders().length,
    show: () => <OpenOrders />,
    columns: openOrderColumns as readonly Column<never>[],
    rows: openOrders,
  },
  fills: {
    title: 'Fills',
    topic: () => desk.fills,
    count: () => desk.fills?.store.trades.length ?? 0,
    show: () => <Fills />,
    columns: fillColumns as readonly Column<never>[],
    rows: fillRows,
  },
  history: {
    title: 'History',
    topic: () => desk.orders,
    count: null,
    show: () => <OrderHistory />,
    columns: historyColumns as readonly Column<never>[],
    rows: endedOrders,
  },
  funding: {
    title: 'Funding',
    topic: () => desk.account,
    count: null,
    show: () => <FundingPayments />,
    columns: paymentColumns as readonly Column<never>[],
    rows: paymentRows,
  },
  transfers: {
    title: 'Transfers',
    topic: () => desk.transfers,
    count: null,
    show: () => <Transfers />,
    columns: transferColumns as readonly Column<never>[],
    rows: transferRows,
  },
  log: {
    title: 'Log',
    topic: () => undefined,
    count: null,
    show: () => <Log />,
    columns: logColumns as readonly Column<never>[],
    rows: () => desk.log.lines,
  },
};

/** Those whose rows belong to a cross or an isolated subaccount. */
const marginTables = new Set<TableName>(['positions', 'orders', 'fills', 'history', 'funding']);

/** Fills that came while another tab was open. */
const unseenFills = signal(0);

desk.listen((news) => {
  if (news.kind === 'update' && news.topic === desk.fills && table.peek() !== 'fills') unseenFills.value++;
});
effect(() => {
  if (table.value === 'fills') unseenFills.value = 0;
});

export function exportTable(name: TableName): void {
  const sheet = sheets[name];
  const columns = sheet.columns as readonly Column<unknown>[];
  const rows = sheet.rows().map((row) => columns.map((column) => column.value(row)));
  const stamp = new Date(desk.gatewayNow).toISOString().slice(0, 19).replaceAll(':', '');
  download(
    `tidegate-${name}-${stamp}.csv`,
    csv(
      columns.map((column) => column.id),
      rows,
    ),
  );
}

export function Tables() {
  const chosen = table.value;
  const sheet = sheets[chosen];
  const topic = sheet.topic();
  // Before the first state nobody knows whether a table is empty, and before the markets how many digits prices have.
  const known = topic ? topic.held && desk.markets?.held : desk.client.session !== null;
  const alone = desk.address === null && desk.client.session !== null;
  const tabs = (Object.keys(sheets) as TableName[]).map((name) => [name, <TabName name={name} />] as const);
  return (
    <section
      class="panel tables"
      id="tables"
      data-testid="tables-panel"
      data-stale={isOld(topic) ? 'true' : undefined}
      aria-label="Account tables"
      tabIndex={-1}
    >
      <div class="head">
        <Tabs label="Account tables" value={table} tabs={tabs} panel="table-panel" />
        {topic && <Freshness topic={topic} />}
        <div class="tools">
          {marginTables.has(chosen) && desk.client.account.parent && (
            <Filter
              label="Margin"
              value={settings.margin}
              options={[
                ['all', 'All margin'],
                ['cross', 'Cross'],
                ['isolated', 'Isolated'],
              ]}
            />
          )}
          {chosen === 'fills' && (
            <Filter
              label="Source of fills"
              value={settings.source}
              options={[
                ['all', 'All sources'],
                ['stream', 'Live'],
                ['backfill', 'Backfill'],
                ['poll', 'Poll'],
                ['repair', 'Repair'],
              ]}
            />
          )}
          <Choice
            label="Which markets"
            value={settings.tables}
            options={[
              ['all', 'All'],
              ['market', (desk.market.value ?? 'Market').split('-')[0]!],
            ]}
          />
          <Choice
            label="Times as"
            value={settings.times}
            options={[
              ['date', 'Date'],
              ['age', 'Age'],
            ]}
          />
          <button data-testid="export" onClick={() => exportTable(chosen)} title="What this table holds, as CSV">
            CSV
          </button>
        </div>
      </div>
      <div class="table-panel" id="table-panel" role="tabpanel" aria-labelledby={`table-panel-${chosen}`}>
        <Fence name={chosen} key={chosen}>
          {chosen === 'log' || (known && !alone) ? (
            sheet.show()
          ) : (
            <p class="empty">{alone ? 'No account is watched: market data only.' : 'Waiting for data.'}</p>
          )}
        </Fence>
      </div>
    </section>
  );
}

interface FilterProps<T extends string> {
  label: string;
  value: Signal<T>;
  options: readonly (readonly [value: T, text: string])[];
}

function Filter<T extends string>({ label, value, options }: FilterProps<T>) {
  return (
    <select aria-label={label} value={value.value} onChange={(event) => (value.value = event.currentTarget.value as T)}>
      {options.map(([one, text]) => (
        <option key={one} value={one}>
          {text}
        </option>
      ))}
    </select>
  );
}

function TabName({ name }: { name: TableName }) {
  void beats.table.value;
  const { title, count } = sheets[name];
  const number = count?.() ?? 0;
  const unseen = name === 'fills' && unseenFills.value > 0;
  return (
    <>
      {title}
      {number > 0 && (
        <span
          class={unseen ? 'count unseen' : 'count'}
          aria-label={unseen ? `${number}, new ones among them` : undefined}
        >
          {number > 99 ? '99+' : number}
        </span>
      )}
    </>
  );
}
