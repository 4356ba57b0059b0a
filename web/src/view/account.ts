import type { Account, AccountStore, Position } from '../feed/account';
import type { MarketsStore } from '../feed/markets';
import { direction, dollars, narrowAverage, narrowSize, percent, signed, times } from '../format/number';
import { bodyOf, byTestId, Rows, setValue } from './dom';

const positions = new Rows(
  bodyOf('positions'),
  ['text', 'text', 'number', 'number', 'number wide', 'number', 'number wider'],
  0,
);

export function paintAccount(store: AccountStore | undefined, markets: MarketsStore | undefined): void {
  const account: Account = store?.account ?? {};
  show('account-equity', dollars(account.equity), account.equity);
  show('account-free-collateral', dollars(account.freeCollateral), account.freeCollateral);
  show('account-margin-used', dollars(account.marginUsed), account.marginUsed);
  show('account-margin-usage', percent(account.marginUsage), account.marginUsage);
  show('account-leverage', times(account.leverage), account.leverage);
  const pnl = account.unrealizedPnl;
  show('account-unrealized-pnl', signed(pnl, dollars(pnl)), pnl);
  byTestId('account-unrealized-pnl').dataset.tone = direction(pnl);
  paintPositions(store?.positions ?? [], markets);
}

function show(testId: string, text: string, exact: string | null | undefined): void {
  setValue(byTestId(testId), text, exact);
}

function paintPositions(list: readonly Position[], markets: MarketsStore | undefined): void {
  byTestId('positions').dataset.count = String(list.length);
  positions.show(
    list.map((position) => {
      const market = markets?.get(position.market ?? '');
      const pnl = position.unrealizedPnl;
      const side = position.side ?? '';
      return {
        key: position.market ?? '',
        cells: [
          { text: position.market ?? '' },
          { text: side, tone: side === 'LONG' ? 'up' : side === 'SHORT' ? 'down' : '' },
          { text: narrowSize(position.size), exact: position.size },
          { text: narrowAverage(position.entryPrice, market?.tickSize), exact: position.entryPrice },
          { text: narrowAverage(position.liquidationPrice, market?.tickSize), exact: position.liquidationPrice },
          { text: signed(pnl, dollars(pnl)), exact: pnl, tone: direction(pnl) },
          { text: dollars(position.notional), exact: position.notional },
        ],
      };
    }),
  );
}
