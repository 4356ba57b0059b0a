/** How times look: in the zone that the reader chose, from one formatter for each shape. */
import { nothing } from './number';

let zone: string | undefined;
let locale = 'en-GB';
const formatters = new Map<string, Intl.DateTimeFormat>();

/** `local`, `UTC`, or a name of the IANA's; one that the browser does not know falls back to UTC. */
export function useZone(name: string): void {
  formatters.clear();
  zone = name === 'local' ? undefined : name;
  try {
    new Intl.DateTimeFormat(locale, { timeZone: zone });
  } catch {
    zone = 'UTC';
  }
}

export function useTimesOf(name: string): void {
  formatters.clear();
  try {
    locale = Intl.DateTimeFormat.supportedLocalesOf(name)[0] ?? 'en-GB';
  } catch {
    locale = 'en-GB';
  }
}

const shapes = {
  clock: { hour: '2-digit', minute: '2-digit', second: '2-digit' },
  minute: { hour: '2-digit', minute: '2-digit' },
  exact: { hour: '2-digit', minute: '2-digit', second: '2-digit', fractionalSecondDigits: 3 },
  day: { day: '2-digit', month: 'short' },
  month: { month: 'short', year: 'numeric' },
  year: { year: 'numeric' },
  date: { day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit', second: '2-digit' },
  full: {
    year: 'numeric',
    month: 'short',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
    second: '2-digit',
    fractionalSecondDigits: 3,
    timeZoneName: 'shortOffset',
  },
  bar: { weekday: 'short', day: '2-digit', month: 'short', hour: '2-digit', minute: '2-digit' },
} satisfies Record<string, Intl.DateTimeFormatOptions>;

type Shape = keyof typeof shapes;

function formatter(shape: Shape, inZone: string | undefined): Intl.DateTimeFormat {
  const key = `${shape} ${inZone ?? ''}`;
  let made = formatters.get(key);
  if (!made) {
    made = new Intl.DateTimeFormat(locale, {
      ...shapes[shape],
      hourCycle: 'h23',
      numberingSystem: 'latn',
      timeZone: inZone,
    });
    formatters.set(key, made);
  }
  return made;
}

/** An instant in one of the shapes; what is no instant shows as nothing. */
export function timeAs(shape: Shape, at: string | number | null | undefined, inZone = zone): string {
  const time = typeof at === 'number' ? at : Date.parse(at ?? '');
  return Number.isFinite(time) ? formatter(shape, inZone).format(time) : nothing;
}

export function timeOfDay(at: string | number | null | undefined): string {
  return timeAs('clock', at);
}

/** "UTC+2": what the zone is called now, so that nobody has to guess whose time is shown. */
export function zoneLabel(now: number): string {
  let named = formatters.get('');
  if (!named)
    formatters.set('', (named = new Intl.DateTimeFormat('en-GB', { timeZone: zone, timeZoneName: 'shortOffset' })));
  const parts = named.formatToParts(now);
  const name = parts.find((part) => part.type === 'timeZoneName')?.value ?? 'UTC';
  return name.replace('GMT', 'UTC').replace(/\+0$/, '');
}

/** "7 s", "3 min", "2 h", "5 d". */
export function age(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  if (seconds < 120) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  if (minutes < 120) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  return hours < 48 ? `${hours} h` : `${Math.floor(hours / 24)} d`;
}

const units: [limit: number, size: number, letter: string][] = [
  [60, 1, 's'],
  [3600, 60, 'm'],
  [86_400, 3600, 'h'],
  [604_800, 86_400, 'd'],
  [2_629_746, 604_800, 'w'],
  [Infinity, 2_629_746, 'mo'],
];

/** One number and a letter for a narrow column: "12s", "3m", "2h", "5d". */
export function shortAge(milliseconds: number): string {
  const seconds = Math.max(0, milliseconds / 1000);
  const [, size, letter] = units.find(([limit]) => seconds < limit)!;
  return `${Math.floor(seconds / size)}${letter}`;
}

/** "00:17", "1:02:03": a count that runs. */
export function stopwatch(milliseconds: number): string {
  const seconds = Math.max(0, Math.floor(milliseconds / 1000));
  const two = (value: number) => String(value).padStart(2, '0');
  const hours = Math.floor(seconds / 3600);
  const rest = `${two(Math.floor((seconds % 3600) / 60))}:${two(seconds % 60)}`;
  return hours > 0 ? `${hours}:${rest}` : rest;
}

const hour = 3_600_000;

/** Until the next full hour of UTC, when funding is paid; local hours differ where zones are half an hour off. */
export function untilFunding(gatewayNow: number): string {
  return stopwatch(hour - 1 - (((gatewayNow % hour) + hour) % hour) + 1);
}

/** "dydx1qwe…4xyz". */
export function shortAddress(address: string): string {
  return address.length <= 16 ? address : `${address.slice(0, 8)}…${address.slice(-4)}`;
}
