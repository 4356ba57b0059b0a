/** Everything by name: markets, panels, settings, and the one thing that can be asked of the gateway. */
import { signal } from '@preact/signals';
import { useEffect, useRef } from 'preact/hooks';
import { desk } from '../../app/desk';
import { paused, settings } from '../../app/settings';
import { say } from '../../app/toasts';
import { chartView, open, table } from '../../app/windows';
import { resolutions } from '../../state/resolutions';
import { search } from '../../state/markets';
import { exportTable } from '../Tables';
import { Dialog } from '../parts';

interface Command {
  name: string;
  run: () => void;
}

const typed = signal('');
const at = signal(0);

const tables = ['positions', 'orders', 'fills', 'history', 'funding', 'transfers', 'log'] as const;
const views = ['price', 'depth', 'funding', 'details'] as const;

function show(id: string): void {
  document.getElementById(id)?.focus();
  document.getElementById(id)?.scrollIntoView({ block: 'nearest' });
}

function commands(): Command[] {
  const list: Command[] = [
    { name: 'Go to the book', run: () => show('book') },
    { name: 'Go to the trades', run: () => show('tape') },
    { name: 'Go to the account', run: () => show('account') },
    { name: paused.value ? 'Go on painting' : 'Pause market panels', run: () => (paused.value = !paused.value) },
    { name: 'Feed details', run: () => (open.value = 'feed') },
    { name: 'Settings', run: () => (open.value = 'settings') },
    { name: 'Keys', run: () => (open.value = 'keys') },
    { name: 'Choose an account', run: () => (open.value = 'account') },
    { name: 'Paste an access token', run: () => (open.value = 'signin') },
    { name: 'Theme: dark', run: () => (settings.theme.value = 'dark') },
    { name: 'Theme: light', run: () => (settings.theme.value = 'light') },
    { name: 'Reconnect upstream', run: () => void reconnect() },
    { name: 'Book in its own window', run: () => popOut('book') },
    { name: 'Trades in their own window', run: () => popOut('tape') },
  ];
  for (const name of tables) {
    list.push({ name: `Show ${name}`, run: () => (table.value = name) });
    list.push({ name: `Export ${name} as CSV`, run: () => exportTable(name) });
  }
  for (const name of views) list.push({ name: `Chart: ${name}`, run: () => (chartView.value = name) });
  for (const { id, label } of resolutions)
    list.push({ name: `Candles of ${label}`, run: () => desk.watchResolution(id) });
  return list;
}

/** A window of its own for one panel; it shares this tab's token, for it is opened by it. */
export function popOut(panel: 'book' | 'tape'): void {
  const query = new URLSearchParams({ panel, market: desk.market.peek() ?? '' });
  window.open(`${location.pathname}?${query.toString()}`, `tidegate ${panel}`, 'popup,width=340,height=720');
}

async function reconnect(): Promise<void> {
  try {
    await desk.reconnectUpstream();
    say('The gateway was asked to reconnect');
  } catch (error) {
    say('Not now', error instanceof Error ? error.message : String(error), 'warn');
  }
}

function found(): Command[] {
  const wanted = typed.value.trim().toLowerCase();
  const fitting = commands().filter(({ name }) => name.toLowerCase().includes(wanted));
  const tickers = wanted === '' ? [] : search(desk.tickers(), wanted).slice(0, 8);
  const markets = tickers.map((ticker) => ({ name: `Market ${ticker}`, run: () => desk.watchMarket(ticker) }));
  return [...markets, ...fitting].slice(0, 40);
}

export function CommandsWindow() {
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => {
    typed.value = '';
    at.value = 0;
    field.current?.focus();
  }, []);
  const list = found();
  const run = (command: Command | undefined): void => {
    if (!command) return;
    open.value = null;
    // After the window has given its focus back, so that a command may take it.
    setTimeout(command.run);
  };
  const press = (event: KeyboardEvent): void => {
    const step = event.key === 'ArrowDown' ? 1 : event.key === 'ArrowUp' ? -1 : 0;
    if (step !== 0) {
      event.preventDefault();
      at.value = (at.value + step + list.length) % Math.max(1, list.length);
      document.getElementById(`command-${at.value}`)?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      run(list[at.value]);
    }
  };
  return (
    <Dialog title="Search" close={() => (open.value = null)}>
      <input
        ref={field}
        type="search"
        placeholder="A market, a panel, a setting"
        aria-label="What to do"
        role="combobox"
        list={undefined}
        aria-expanded="true"
        aria-controls="commands"
        aria-activedescendant={list.length > 0 ? `command-${at.value}` : undefined}
        data-testid="command-field"
        value={typed.value}
        onInput={(event) => {
          typed.value = event.currentTarget.value;
          at.value = 0;
        }}
        onKeyDown={press}
      />
      <ul id="commands" class="commands" role="listbox" aria-label="Commands">
        {list.map((command, index) => (
          <li
            key={command.name}
            id={`command-${index}`}
            role="option"
            aria-selected={index === at.value}
            onClick={() => run(command)}
          >
            {command.name}
          </li>
        ))}
      </ul>
      {list.length === 0 && <p class="empty">Nothing fits.</p>}
    </Dialog>
  );
}
