/** What the account is worth, how much of it is bound, and how far liquidation is. */
import { beats } from '../app/beats';
import { desk } from '../app/desk';
import { open } from '../app/windows';
import { compare, divide, isDecimal, pixels, subtract } from '../format/decimal';
import { direction, dollars, percent, times } from '../format/number';
import { shortAddress } from '../format/time';
import { isIsolated, type Account as Totals } from '../state/account';
import { EquityCurve } from './EquityCurve';
import { Icon } from './Icon';
import { Panel } from './Panel';
import { Meter, Num, Signed } from './parts';
import '../styles/account.css';

export function Account() {
  void desk.news.value;
  const { address, account: topic } = desk;
  const choice = desk.client.account;
  const label = address === null ? '' : `${shortAddress(address)} / ${choice.subaccount}`;
  const head = (
    <button
      class="plain address"
      data-testid="account-address"
      data-value={address ?? ''}
      title={address ?? undefined}
      onClick={() => (open.value = 'account')}
    >
      {address === null ? 'market data only' : label}
    </button>
  );
  return (
    <Panel name="account" title="Account" topic={topic} head={head}>
      {address === null && desk.client.session ? <NoAccount /> : <Figures />}
      <EquityCurve />
    </Panel>
  );
}

function NoAccount() {
  const asksToken = desk.config.value?.access === 'token' && (desk.client.session?.addresses.length ?? 0) === 0;
  return (
    <div class="empty">
      {desk.locked.value === null ? (
        <p>No address: market data only.</p>
      ) : (
        <p data-testid="locked">
          <Icon name="lock" /> {desk.locked.value} Market data stays live.
        </p>
      )}
      <button onClick={() => (open.value = asksToken ? 'signin' : 'account')}>
        {desk.locked.value === null ? 'Watch an account' : 'Choose another account'}
      </button>
    </div>
  );
}

function Figures() {
  void beats.table.value;
  const account: Totals = desk.account?.store.account ?? {};
  const { equity, freeCollateral, marginUsed, marginUsage, leverage, unrealizedPnl } = account;
  const negative = isDecimal(freeCollateral) && compare(freeCollateral, '0') < 0;
  const isolated = (desk.account?.store.children ?? []).filter((child) => isIsolated(child.subaccountNumber)).length;
  const unused =
    desk.account?.held && isDecimal(equity) && compare(equity, '0') === 0 && desk.account.store.positions.length === 0;
  return (
    <>
      <dl class="figures">
        <div class="lead">
          <dt>Equity</dt>
          <dd>
            <Num text={dollars(equity)} exact={equity} testId="account-equity" />
          </dd>
        </div>
        <div class="lead">
          <dt>Unrealized PnL</dt>
          <dd>
            <Signed text={dollars(unrealizedPnl)} exact={unrealizedPnl} testId="account-unrealized-pnl" />
          </dd>
        </div>
        <div title="Flat initial margins, as the Indexer counts; dYdX's page may show less while open interest is high">
          <dt>Free collateral</dt>
          <dd>
            <Num
              text={dollars(freeCollateral)}
              exact={freeCollateral}
              tone={negative ? 'down' : ''}
              testId="account-free-collateral"
            />
          </dd>
        </div>
        <div>
          <dt>Leverage</dt>
          <dd>
            <Num text={times(leverage)} exact={leverage} testId="account-leverage" />
          </dd>
        </div>
        <Usage usage={marginUsage} />
        <div>
          <dt>Margin used</dt>
          <dd>
            <Num text={dollars(marginUsed)} exact={marginUsed} testId="account-margin-used" />
          </dd>
        </div>
        <div>
          <dt>Maintenance</dt>
          <dd>
            <Num
              text={dollars(account.maintenanceMargin)}
              exact={account.maintenanceMargin}
              testId="account-maintenance"
            />
          </dd>
        </div>
        <Distance account={account} />
      </dl>
      {isolated > 0 && <p class="aside">Totals over the cross account and {isolated} isolated.</p>}
      {unused && <p class="aside">This address has not traded yet; it will appear here by itself.</p>}
    </>
  );
}

/** Below a fifth low, below two fifths medium: the steps of dYdX's own page. */
function risk(usage: string): { word: string; tone: string } {
  if (compare(usage, '0.2') < 0) return { word: 'low', tone: 'up' };
  return compare(usage, '0.4') < 0 ? { word: 'medium', tone: 'warn' } : { word: 'high', tone: 'down' };
}

function Usage({ usage }: { usage: string | null | undefined }) {
  const known = isDecimal(usage);
  const { word, tone } = known ? risk(usage) : { word: '', tone: '' };
  return (
    <div class="usage">
      <dt>
        Margin usage <b data-tone={tone}>{word}</b>
      </dt>
      <dd>
        <Num text={percent(usage)} exact={usage} testId="account-margin-usage" />
        <Meter share={known ? pixels(usage) : 0} tone={tone} label={`${percent(usage)} ${word}`} />
      </dd>
    </div>
  );
}

/** The part of the equity that may be lost before maintenance margin is reached. */
function Distance({ account }: { account: Totals }) {
  const { equity, maintenanceMargin } = account;
  const both = isDecimal(equity) && isDecimal(maintenanceMargin) && compare(equity, '0') > 0;
  const share = both ? divide(subtract(equity, maintenanceMargin), equity, 6) : null;
  return (
    <div title="(equity − maintenance margin) ÷ equity">
      <dt>To liquidation</dt>
      <dd>
        <Num
          text={percent(share)}
          exact={share}
          tone={share !== null && compare(share, '0.2') < 0 ? direction('-1') : ''}
          testId="account-distance"
        />
      </dd>
    </div>
  );
}
