import { open } from '../../app/windows';
import { Dialog } from '../parts';

const keys = [
  ['Ctrl K', 'Search everything'],
  ['/', 'Find a market'],
  ['b', 'Book'],
  ['t', 'Trades'],
  ['c', 'Chart; there arrows move bar by bar'],
  ['a', 'Account'],
  ['p', 'Pause and go on'],
  ['[ and ]', 'Shorter and longer candles'],
  ['− and +', 'Finer and coarser prices in the book'],
  ['?', 'This list'],
] as const;

export function KeysWindow() {
  return (
    <Dialog title="Keys" close={() => (open.value = null)}>
      <dl class="facts">
        {keys.map(([key, what]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <p class="muted">Single keys are off while you type, and can be switched off in the settings.</p>
    </Dialog>
  );
}
