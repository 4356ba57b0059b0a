import { expect, it } from 'vitest';
import { takeToken } from '../src/app/token';

function browser(hash: string) {
  const kept = new Map<string, string>();
  const addresses: string[] = [];
  return {
    addresses,
    location: { hash, pathname: '/', search: '?panel=book' } as Location,
    history: {
      replaceState: (_: unknown, __: string, address: string) => addresses.push(address),
    } as unknown as History,
    storage: {
      get: (key: string) => kept.get(key) ?? null,
      set: (key: string, value: string | null) => void kept.set(key, value ?? ''),
    },
  };
}

it('leaves the address bar and the history at once', () => {
  const { location, history, storage, addresses } = browser('#token=a.b.c');
  expect(takeToken(location, history, storage)).toBe('a.b.c');
  expect(addresses).toEqual(['/?panel=book']);
});

it('is kept for the next load of the same tab', () => {
  const { location, history, storage } = browser('#token=a.b.c');
  takeToken(location, history, storage);
  expect(takeToken({ ...location, hash: '' } as Location, history, storage)).toBe('a.b.c');
});

it('leaves the rest of the fragment alone, and an address without one untouched', () => {
  const first = browser('#token=t&theme=dark');
  takeToken(first.location, first.history, first.storage);
  expect(first.addresses).toEqual(['/?panel=book#theme=dark']);
  const second = browser('#theme=dark');
  expect(takeToken(second.location, second.history, second.storage)).toBeNull();
  expect(second.addresses).toEqual([]);
});

it('leaves the query too, where somebody put it there by mistake', () => {
  const { location, history, storage, addresses } = browser('');
  expect(takeToken({ ...location, search: '?token=a.b.c&market=BTC-USD' } as Location, history, storage)).toBe('a.b.c');
  expect(addresses).toEqual(['/?market=BTC-USD']);
});
