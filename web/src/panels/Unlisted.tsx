import { desk } from '../app/desk';
import { search } from '../state/markets';

/** A ticker from the address that no market has. */
export function Unlisted() {
  const asked = desk.unlisted.value;
  if (asked === null) return null;
  const near = search(desk.tickers(), asked.split('-')[0]!.slice(0, 3)).slice(0, 5);
  return (
    <div class="banner" data-tone="warn" data-testid="unlisted">
      <span>
        <b dir="auto">{asked.slice(0, 40)}</b> is not listed here{near.length > 0 ? '. Near: ' : '.'}
      </span>
      {near.map((ticker) => (
        <button key={ticker} onClick={() => desk.watchMarket(ticker)}>
          {ticker}
        </button>
      ))}
      <button class="plain" aria-label="Dismiss" onClick={() => (desk.unlisted.value = null)}>
        ✕
      </button>
    </div>
  );
}
