/** Tables as RFC 4180 text: every digit as it was sent, times in UTC. */
export function csv(header: readonly string[], rows: Iterable<readonly (string | null | undefined)[]>): string {
  const lines = [header.map(field).join(',')];
  for (const row of rows) lines.push(row.map((value) => field(value ?? '')).join(','));
  return lines.join('\r\n') + '\r\n';
}

const number = /^-?\d+(\.\d+)?$/;

function field(value: string): string {
  // A spreadsheet runs what begins like a formula; a quote before it keeps it text.
  const safe = /^[=+\-@\t\r]/.test(value) && !number.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
