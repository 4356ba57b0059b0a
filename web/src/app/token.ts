/**
 * The access token: comes in the address bar's fragment, leaves it at once, and lives as long as the tab.
 * A fragment never travels to a server, and session storage is seen by no other tab and gone with this one.
 */

const key = 'tidegate.token';

interface Keeper {
  get(key: string): string | null;
  set(key: string, value: string | null): void;
}

/** Takes a token out of the address and the history entry; returns the one to use, if any. */
export function takeToken(location: Location, history: History, keeper: Keeper): string | null {
  const fragment = new URLSearchParams(location.hash.replace(/^#/, ''));
  const query = new URLSearchParams(location.search);
  const given = fragment.get('token') ?? query.get('token');
  if (given !== null) {
    fragment.delete('token');
    query.delete('token');
    const search = query.toString();
    const hash = fragment.toString();
    history.replaceState(
      null,
      '',
      location.pathname + (search === '' ? '' : `?${search}`) + (hash === '' ? '' : `#${hash}`),
    );
    if (given !== '') keepToken(given, keeper);
  }
  return keeper.get(key);
}

export function keepToken(token: string | null, keeper: Keeper): void {
  keeper.set(key, token);
}
