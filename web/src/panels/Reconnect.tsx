/** The one thing that can be asked of the gateway: a new way to the Indexer. */
import { signal } from '@preact/signals';
import { desk } from '../app/desk';

const asking = signal('');

export function Reconnect() {
  if (desk.address === null) return null;
  const press = async (): Promise<void> => {
    asking.value = 'asking…';
    try {
      await desk.reconnectUpstream();
      asking.value = 'asked';
    } catch (error) {
      asking.value = error instanceof Error ? error.message : String(error);
    }
  };
  return (
    <span>
      <button onClick={() => void press()} data-testid="reconnect">
        Reconnect now
      </button>{' '}
      <small>{asking.value}</small>
    </span>
  );
}
