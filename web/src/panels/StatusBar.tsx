import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { blockAge, messageRate, milliseconds, seconds } from '../app/rates';
import { open } from '../app/windows';
import { fixed } from '../format/number';

/** The state of everything in one line, at the foot of the page. */
export function StatusBar() {
  void beats.second.value;
  const { standing, icon, tone } = desk.overall.value;
  const version = desk.client.session?.version ?? desk.config.value?.version;
  return (
    <>
      <span data-tone={tone}>
        <span aria-hidden="true">{icon}</span> {standing}
      </span>
      <span>
        block <b>{fixed(desk.block?.height, 0)}</b> · {seconds(blockAge())}
      </span>
      <span>gateway {milliseconds(desk.client.roundTrip)}</span>
      <span>{Math.round(messageRate())} updates/s</span>
      <span class="fill" />
      <span>
        Charts by{' '}
        <a href="https://www.tradingview.com/" target="_blank" rel="noopener noreferrer">
          TradingView Lightweight Charts™
        </a>
      </span>
      {version !== undefined && <span data-testid="version">tidegate {version}</span>}
      <button class="plain" onClick={() => (open.value = 'keys')}>
        ? keys
      </button>
    </>
  );
}
