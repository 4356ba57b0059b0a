/** The browser, as the client of the protocol needs it. */
import { readRefusal, type SocketLike, type Surroundings } from '@tidegate/client';
import { storeFor } from '../state/stores';
import { changed } from './beats';
import type { SteadyClock } from './clock';

const endpoint = new URL('/ws/dashboard', location.href);

export function surroundings(
  clock: SteadyClock,
  token: () => string | null,
  told: NonNullable<Surroundings['told']>,
): Surroundings {
  return {
    open(query) {
      const address = new URL(endpoint + query);
      address.protocol = location.protocol === 'https:' ? 'wss:' : 'ws:';
      const held = token();
      // The subprotocol pair keeps the token out of every URL and so out of every log.
      const protocols = held === null ? ['tidegate.v1'] : ['tidegate.v1', `bearer.${held}`];
      return new WebSocket(address, protocols) as unknown as SocketLike;
    },
    async probe(query) {
      const held = token();
      const headers: Record<string, string> = held === null ? {} : { Authorization: `Bearer ${held}` };
      const signal = AbortSignal.timeout(4000);
      return readRefusal(await fetch(endpoint + query, { headers, cache: 'no-store', signal }));
    },
    store: storeFor,
    changed,
    told,
    after(milliseconds, what) {
      const timer = setTimeout(what, milliseconds);
      return () => clearTimeout(timer);
    },
    now: () => clock.now(),
    random: () => Math.random(),
  };
}

/** Copies text; where the browser forbids it, says so. */
export async function copy(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/** Hands a text to the person as a file. */
export function download(name: string, text: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(new Blob([text], { type: 'text/csv;charset=utf-8' }));
  link.download = name;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 10_000);
}
