/** Where everything lies. The places are the same in every state, so that nothing jumps when the state changes. */
import { useSignal } from '@preact/signals';
import type { ComponentType } from 'preact';
import { useEffect, useRef } from 'preact/hooks';
import { Book } from '../panels/Book';
import { Banner, Header, Pill } from '../panels/Header';
import { Icon } from '../panels/Icon';
import { Later } from '../panels/Later';
import { Fence } from '../panels/Panel';
import { Choice } from '../panels/parts';
import { Strip } from '../panels/Strip';
import { Tape } from '../panels/Tape';
import { desk } from './desk';
import { settings } from './settings';
import { announcement, dismiss, toasts } from './toasts';
import { column, open, section, type WindowName } from './windows';

const alone = new URLSearchParams(location.search).get('panel');

export function App() {
  if (alone === 'book' || alone === 'tape') {
    return (
      <div class="alone">
        <div class="alone-head">
          <b>{desk.market.value}</b> <Pill />
        </div>
        <Fence name={alone}>{alone === 'book' ? <Book /> : <Tape />}</Fence>
        <Windows />
        <Toasts />
      </div>
    );
  }
  return (
    <div class="page" data-column={column.value} data-section={section.value}>
      <a class="skip" href="#book">
        To the book
      </a>
      <a class="skip" href="#account">
        To the account
      </a>
      <Header />
      <Fence name="strip">
        <Strip />
      </Fence>
      <div class="banners">
        <Banner />
        {desk.unlisted.value !== null && (
          <Later class="banner" load={async () => (await import('../panels/Unlisted')).Unlisted} />
        )}
      </div>
      <main style={{ '--bottom': `${settings.bottomHeight.value}px` }}>
        <Later class="panel chart" load={async () => (await import('../panels/Chart')).Chart} />
        <div class="column-choice">
          <Choice
            label="What this column shows"
            value={column}
            options={[
              ['book', 'Book'],
              ['trades', 'Trades'],
              ['feed', 'Feed'],
            ]}
          />
        </div>
        <Fence name="book" class="panel book">
          <Book />
        </Fence>
        <Later class="panel account" load={async () => (await import('../panels/Account')).Account} />
        <Later class="panel feed" load={async () => (await import('../panels/Feed')).Feed} />
        <Later class="splitter" load={async () => (await import('../panels/Splitter')).Splitter} />
        <Later class="panel tables" load={async () => (await import('../panels/Tables')).Tables} />
        <Fence name="tape" class="panel tape">
          <Tape />
        </Fence>
        <SignIn />
      </main>
      <footer>
        <Later class="status" load={async () => (await import('../panels/StatusBar')).StatusBar} />
      </footer>
      <PhoneBar />
      <Windows />
      <Toasts />
    </div>
  );
}

function SignIn() {
  void desk.news.value;
  if (!desk.asksForToken) return null;
  return (
    <Later
      class="panel sign-in"
      first={Promise.resolve()}
      load={async () => (await import('../panels/SignIn')).SignInCard}
    />
  );
}

function PhoneBar() {
  const go = (name: typeof section.value): void => {
    section.value = name;
    scrollTo(0, 0);
  };
  const places = ['market', 'account', 'orders', 'feed'] as const;
  return (
    <nav class="phone-bar" aria-label="Sections">
      {places.map((name) => (
        <button key={name} aria-current={section.value === name ? 'page' : undefined} onClick={() => go(name)}>
          <Icon name={name} />
          {name}
        </button>
      ))}
      <button onClick={() => (open.value = 'commands')}>
        <Icon name="more" />
        more
      </button>
    </nav>
  );
}

function Windows() {
  const shown = useSignal<ComponentType<{ name: WindowName }> | null>(null);
  const name = open.value;
  const opener = useRef<Element | null>(null);
  useEffect(() => {
    if (name === null) {
      if (opener.current instanceof HTMLElement && opener.current.isConnected) opener.current.focus();
      opener.current = null;
      return;
    }
    opener.current ??= document.activeElement;
    if (shown.value === null) void import('../panels/windows').then(({ Window }) => (shown.value = Window));
  }, [name]);
  const Shown = shown.value;
  return name !== null && Shown ? <Shown name={name} /> : null;
}

function Toasts() {
  const { text, urgent } = announcement.value;
  return (
    <>
      <p class="hidden-label" role="status" aria-live="polite" data-testid="announcement">
        {urgent ? '' : text}
      </p>
      <p class="hidden-label" role="alert" data-testid="alarm">
        {urgent ? text : ''}
      </p>
      <div class="toasts">
        {toasts.value.map((toast) => (
          <div class="toast" key={toast.key} data-tone={toast.tone} data-testid="toast">
            <b>{toast.title}</b> <span>{toast.text}</span>
            <button class="plain" aria-label="Dismiss" onClick={() => dismiss(toast.key)}>
              ✕
            </button>
          </div>
        ))}
      </div>
    </>
  );
}
