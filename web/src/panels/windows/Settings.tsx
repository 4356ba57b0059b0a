import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { desk } from '../../app/desk';
import { settings, type Switch } from '../../app/settings';
import { say } from '../../app/toasts';
import { open } from '../../app/windows';
import { fixed } from '../../format/number';
import { timeAs, zoneLabel } from '../../format/time';
import { Choice, Dialog } from '../parts';

const locales = [
  ['', 'As the browser'],
  ['en-US', '1,234.5 English'],
  ['de-DE', '1.234,5 Deutsch'],
  ['fr-FR', '1 234,5 Français'],
  ['en-IN', '12,34,567.8 India'],
  ['de-CH', '1’234.5 Schweiz'],
  ['none', '1234.5 no groups'],
] as const;

const zones = [
  'local',
  'UTC',
  'Europe/Berlin',
  'Europe/London',
  'America/New_York',
  'America/Chicago',
  'America/Los_Angeles',
  'Asia/Tokyo',
  'Asia/Singapore',
  'Asia/Kolkata',
  'Asia/Kathmandu',
  'Australia/Sydney',
];

export function SettingsWindow() {
  const { theme, palette, zone, locale, rate, toasts, sound, system, shortcuts, mirrored, bookBars, view, spoken } =
    settings;
  return (
    <Dialog title="Settings" close={() => (open.value = null)}>
      <div class="settings">
        <Line name="Theme">
          <Choice
            label="Theme"
            value={theme}
            testId="theme"
            options={[
              ['system', 'System'],
              ['dark', 'Dark'],
              ['light', 'Light'],
            ]}
          />
        </Line>
        <Line name="Up and down">
          <Choice
            label="Colours of up and down"
            value={palette}
            testId="palette"
            options={[
              ['green-up', 'Green up'],
              ['red-up', 'Red up'],
              ['blue-up', 'Blue and orange'],
            ]}
          />
        </Line>
        <Line name="Time zone" note={`Now ${timeAs('clock', desk.gatewayNow)} ${zoneLabel(desk.gatewayNow)}`}>
          <input
            list="zones"
            aria-label="Time zone"
            data-testid="zone"
            value={zone.value}
            onChange={(event) => (zone.value = event.currentTarget.value.trim() || 'local')}
          />
          <datalist id="zones">
            {zones.map((name) => (
              <option key={name} value={name} />
            ))}
          </datalist>
        </Line>
        <Line name="Numbers" note={fixed('1234567.891', 2)}>
          <select
            aria-label="How numbers are written"
            data-testid="locale"
            value={locale.value}
            onChange={(event) => (locale.value = event.currentTarget.value)}
          >
            {locales.map(([value, text]) => (
              <option key={value} value={value}>
                {text}
              </option>
            ))}
          </select>
        </Line>
        <Line name="Pace" note="How often market panels change">
          <Choice
            label="Pace"
            value={rate}
            testId="rate"
            options={[
              ['fast', 'Every frame'],
              ['normal', 'Ten a second'],
              ['calm', 'Once a second'],
            ]}
          />
        </Line>
        <Line name="Account shows">
          <Choice
            label="Account shows"
            value={view}
            options={[
              ['parent', 'With isolated'],
              ['single', 'One subaccount'],
            ]}
          />
        </Line>
        <Line name="Bars in the book">
          <Choice
            label="Bars in the book"
            value={bookBars}
            options={[
              ['total', 'Total'],
              ['size', 'Size'],
            ]}
          />
        </Line>
        <Line name="Price read aloud" note="For screen readers">
          <Choice
            label="Price read aloud"
            value={spoken}
            options={[
              ['off', 'Off'],
              ['10', '10 s'],
              ['60', '60 s'],
            ]}
          />
        </Line>
        <Toggle name="Notices on the page" value={toasts} />
        <Toggle name="Sound of own fills" value={sound} />
        <Toggle name="Notices of the system" value={system} turned={askForNotices} />
        <Toggle name="Single-key shortcuts" value={shortcuts} />
        <Toggle name="Book on the left" value={mirrored} />
      </div>
    </Dialog>
  );
}

function Line({ name, note, children }: { name: string; note?: string; children: ComponentChildren }) {
  return (
    <div class="setting">
      <span>
        {name} {note !== undefined && <small>{note}</small>}
      </span>
      <span>{children}</span>
    </div>
  );
}

function Toggle({ name, value, turned }: { name: string; value: Signal<Switch>; turned?: () => void }) {
  return (
    <label class="setting">
      <span>{name}</span>
      <input
        type="checkbox"
        role="switch"
        checked={value.value === 'on'}
        onChange={(event) => {
          value.value = event.currentTarget.checked ? 'on' : 'off';
          if (event.currentTarget.checked) turned?.();
        }}
      />
    </label>
  );
}

function askForNotices(): void {
  if (!('Notification' in window)) {
    say('This browser has no notices of its own');
    settings.system.value = 'off';
    return;
  }
  void Notification.requestPermission().then((answer) => {
    if (answer === 'granted') return;
    settings.system.value = 'off';
    say('The browser does not allow notices');
  });
}
