/** The top of the page at every width: whose gateway this is, and first of all how it does. */
import { beats } from '../app/beats';
import { banner } from '../app/announce';
import { desk } from '../app/desk';
import { paused, settings } from '../app/settings';
import { open } from '../app/windows';
import { age, shortAddress, zoneLabel } from '../format/time';
import { Icon } from './Icon';
import { Reconnect } from './Reconnect';

export function Header() {
  void desk.news.value;
  const network = desk.client.session?.network ?? desk.config.value?.network;
  const { address } = desk;
  return (
    <header>
      <h1>
        <img src="./favicon.svg" alt="" width="20" height="20" /> <span>Tidegate</span>
      </h1>
      {network !== undefined && (
        <span class="badge" data-testid="network" data-network={network}>
          {network.toUpperCase()}
        </span>
      )}
      {address !== null && (
        <button class="plain whose" title={address} onClick={() => (open.value = 'account')}>
          {shortAddress(address)} / {desk.client.account.subaccount} <span aria-hidden="true">▾</span>
        </button>
      )}
      <button class="find" onClick={() => (open.value = 'commands')}>
        <Icon name="search" /> Search <kbd>Ctrl K</kbd>
      </button>
      <span class="fill" />
      <Zone />
      <button
        class="plain icon"
        aria-label={paused.value ? 'Go on' : 'Pause market panels'}
        aria-pressed={paused.value}
        title="Pause market panels (p)"
        onClick={() => (paused.value = !paused.value)}
      >
        <Icon name={paused.value ? 'play' : 'pause'} />
      </button>
      <button class="plain icon" aria-label="Settings" title="Settings" onClick={() => (open.value = 'settings')}>
        <Icon name="settings" />
      </button>
      <Pill />
    </header>
  );
}

function Zone() {
  void settings.zone.value;
  void beats.second.value;
  return (
    <button class="plain zone" title="All times are in this zone" onClick={() => (open.value = 'settings')}>
      {zoneLabel(desk.clock.now())}
    </button>
  );
}

export function Pill() {
  const { standing, icon, figure, words, tone } = desk.overall.value;
  // Frames that did not follow their predecessor and checksums that differed: zero in health, for whoever tests the page.
  let misses = 0;
  for (const topic of desk.client.topics) misses += topic.misses;
  return (
    <button
      class="pill"
      data-testid="connection-state"
      data-value={standing}
      data-misses={misses}
      data-tone={tone}
      title={words}
      aria-label={`${standing} ${figure}. ${words} Open the feed.`}
      onClick={() => (open.value = 'feed')}
    >
      <span aria-hidden="true">{icon}</span> <b>{standing}</b> <span class="figure">{figure}</span>
    </button>
  );
}

export function Banner() {
  const state = banner.value;
  const offset = desk.client.clockOffset;
  const expires = desk.client.session?.expires_at;
  void beats.second.value;
  const left = Date.parse(expires ?? '') - desk.gatewayNow;
  if (state) {
    return (
      <div class="banner" data-testid="banner" data-tone={state.tone} data-value={state.standing}>
        <span aria-hidden="true">{state.icon}</span>
        <span>
          <b>{state.standing}</b> {state.figure} {state.words}
        </span>
        {state.act === 'retry' && (
          <button
            data-testid="retry"
            onClick={() => (state.standing === 'NO ACCESS' ? (open.value = 'signin') : desk.client.hurry())}
          >
            {state.standing === 'NO ACCESS' ? 'Paste a token' : 'Retry now'}
          </button>
        )}
        {state.act === 'reconnect' && <Reconnect />}
      </div>
    );
  }
  if (left < 3_600_000 && left > 0) {
    return (
      <div class="banner" data-tone="warn" data-testid="token-ends">
        <span>The access token ends in {age(left)}.</span>
        <button onClick={() => (open.value = 'signin')}>Paste a new one</button>
      </div>
    );
  }
  if (desk.vitals.updated.value !== null) {
    return (
      <div class="banner quiet" data-tone="accent" data-testid="gateway-updated">
        <span>The gateway is now {desk.vitals.updated.value}; this page came from the one before.</span>
        <button onClick={() => location.reload()}>Reload</button>
      </div>
    );
  }
  if (desk.client.session && Math.abs(offset) > 2000) {
    return (
      <div class="banner quiet" data-tone="muted" data-testid="clock-note">
        <span>
          Your clock is {age(Math.abs(offset))} {offset > 0 ? 'slow' : 'fast'}; times are corrected.
        </span>
      </div>
    );
  }
  return null;
}
