/** Starts the page: colours first, then the connection, then what is seen. */
import { effect } from '@preact/signals';
import { render } from 'preact';
import { startAnnouncing } from './app/announce';
import { App } from './app/App';
import { startBeats, woken } from './app/beats';
import { desk } from './app/desk';
import { startKeys } from './app/keys';
import { applySettings, settings } from './app/settings';
import { startToasts } from './app/toasts';
import './styles/tokens.css';
import './styles/base.css';
import './styles/layout.css';
import './styles/market.css';
import './styles/narrow.css';

applySettings(document.documentElement);
desk.start();
startToasts(desk);
startAnnouncing(desk);
startKeys();
render(<App />, document.body);
startBeats();

// A new token pasted into the address of an open page is taken like one pasted into the field.
addEventListener('hashchange', () => {
  const token = new URLSearchParams(location.hash.replace(/^#/, '')).get('token');
  if (token === null) return;
  history.replaceState(null, '', location.pathname + location.search);
  desk.useToken(token);
});

effect(() => {
  void settings.rate.value;
  desk.repace();
});

let view = settings.view.peek();
effect(() => {
  if (settings.view.value === view) return;
  view = settings.view.value;
  const { address, subaccount } = desk.client.account;
  desk.watchAccount({ address, subaccount, parent: view === 'parent' && subaccount < 128 });
});

// Asleep, offline, put into the back-forward cache: whatever woke the page, the connection has to prove itself.
const wake = (): void => {
  desk.clock.check();
  desk.client.hurry();
  woken();
};
setInterval(() => desk.clock.check(), 1000);
addEventListener('online', wake);
addEventListener('pageshow', (event) => {
  if (event.persisted) desk.client.prove();
});
let hiddenAt = 0;
document.addEventListener('visibilitychange', () => {
  if (document.hidden) hiddenAt = desk.clock.now();
  else {
    wake();
    if (desk.clock.now() - hiddenAt > 10_000) desk.client.prove();
  }
});
