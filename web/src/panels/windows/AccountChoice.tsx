/** Which account is watched: one of the token's, or any where the gateway is open. */
import { useSignal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { asList, asObject } from '@tidegate/client';
import { isAddress } from '../../app/bech32';
import { copy } from '../../app/browser';
import { desk } from '../../app/desk';
import { settings } from '../../app/settings';
import { say } from '../../app/toasts';
import { open } from '../../app/windows';
import { dollars } from '../../format/number';
import { shortAddress } from '../../format/time';
import { isIsolated } from '../../state/account';
import { Dialog, Num } from '../parts';

interface Subaccount {
  number: number;
  equity: string;
}

export function AccountWindow() {
  const addresses = desk.client.session?.addresses ?? [];
  const openMode = desk.config.value?.access === 'open';
  return (
    <Dialog title="Account" close={() => (open.value = null)}>
      {addresses.map((address) => (
        <Address key={address} address={address} />
      ))}
      {openMode && <AnyAddress />}
      {!openMode && (
        <p>
          <button class="plain" onClick={() => (open.value = 'signin')}>
            Paste another token…
          </button>
        </p>
      )}
    </Dialog>
  );
}

function watch(address: string, subaccount: number): void {
  desk.watchAccount({ address, subaccount, parent: settings.view.peek() === 'parent' && subaccount < 128 });
  open.value = null;
}

function Address({ address }: { address: string }) {
  const found = useSignal<Subaccount[] | null>(null);
  useEffect(() => {
    desk.rest
      .get(`/v4/addresses/${address}`)
      .then((body) => {
        found.value = asList(asObject(body).subaccounts).map((row) => ({
          number: Number(row.subaccountNumber),
          equity: String(row.equity ?? ''),
        }));
      })
      .catch(() => (found.value = [{ number: 0, equity: '' }]));
  }, [address]);
  const chosen = (number: number) => desk.address === address && desk.client.account.subaccount === number;
  return (
    <section class="account-choice">
      <h3>
        {shortAddress(address)}{' '}
        <button
          class="plain"
          aria-label={`Copy ${address}`}
          onClick={() =>
            void copy(address).then((done) => say(done ? 'Address copied' : 'Copying is not allowed here', address))
          }
        >
          ⧉
        </button>
      </h3>
      <ul>
        {(found.value ?? []).map(({ number, equity }) => (
          <li key={number}>
            <button aria-pressed={chosen(number)} onClick={() => watch(address, number)}>
              / {number} {isIsolated(number) && <span class="tag">iso</span>}{' '}
              <Num text={dollars(equity)} exact={equity} />
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}

function AnyAddress() {
  const typed = useSignal('');
  const valid = isAddress(typed.value.trim());
  const submit = (event: Event): void => {
    event.preventDefault();
    if (valid) watch(typed.value.trim(), 0);
  };
  return (
    <form class="token" onSubmit={submit}>
      <label>
        dYdX address
        <input
          value={typed.value}
          placeholder="dydx1…"
          spellcheck={false}
          autocomplete="off"
          aria-invalid={typed.value !== '' && !valid}
          onInput={(event) => (typed.value = event.currentTarget.value)}
        />
      </label>
      {typed.value !== '' && !valid && (
        <p class="muted">Not a dYdX address yet: dydx1 and 38 letters whose checksum fits.</p>
      )}
      <button class="primary" type="submit" disabled={!valid}>
        Watch
      </button>
    </form>
  );
}
