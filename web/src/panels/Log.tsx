import { desk } from '../app/desk';
import { timeAs } from '../format/time';
import type { LogLine } from '../state/log';
import { type Column, DataTable } from './DataTable';

export const logColumns: readonly Column<LogLine>[] = [
  {
    id: 'at',
    title: 'Time',
    align: 'text',
    value: (row) => new Date(row.at).toISOString(),
    cell: (row) => (
      <time dateTime={new Date(row.at).toISOString()} title={timeAs('full', row.at)}>
        {timeAs('exact', row.at)}
      </time>
    ),
  },
  {
    id: 'kind',
    title: 'Kind',
    align: 'text',
    value: (row) => row.kind,
    cell: (row) => <span data-tone={row.tone}>{row.kind}</span>,
  },
  { id: 'topic', title: 'Topic', align: 'text', value: (row) => row.topic, cell: (row) => row.topic },
  { id: 'text', title: 'What happened', align: 'text', value: (row) => row.text, cell: (row) => row.text },
];

export function Log() {
  return (
    <DataTable
      name="event-log"
      caption="What happened to the data, the latest first"
      rows={() => desk.log.lines}
      columns={logColumns}
      rowKey={(row) => String(row.number)}
      empty="Nothing has happened yet."
    />
  );
}
