/**
 * The access token: comes in the address bar's fragment, leaves it at once, and lives as long as the tab.
 * A fragment never travels to a server, and session storage is seen by no other tab and gone with this one.
 */

const key = 'tidegate.token';

/** Takes a token out of the address and the history entry; returns the one to use, if any. */
export function takeToken(location: Location, history: History, storage: Storage): string | null {
  const parameters = new URLSearchParams(location.hash.replace(/^#/, ''));
  const given = parameters.get('token');
  if (given !== null) {
    parameters.delete('token');
    const rest = parameters.toString();
    history.replaceState(null, '', location.pathname + location.search + (rest === '' ? '' : `#${rest}`));
    if (given !== '') storage.setItem(key, given);
  }
  return storage.getItem(key);
}
