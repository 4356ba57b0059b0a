/** Where a token is missing or refused: what it is, where it comes from, and a field to paste it. */
import { useSignal } from '@preact/signals';
import { desk } from '../app/desk';
import { open } from '../app/windows';
import { Dialog } from './parts';
import '../styles/sign-in.css';

export function TokenForm({ done }: { done?: () => void }) {
  const token = useSignal('');
  const link = desk.client.link;
  const submit = (event: Event): void => {
    event.preventDefault();
    if (token.value.trim() === '') return;
    desk.useToken(token.value.replace(/^.*#?token=/, ''));
    token.value = '';
    done?.();
  };
  return (
    <form class="token" onSubmit={submit}>
      {link.state === 'refused' && (
        <p class="refusal" role="alert" data-testid="refusal" data-value={link.refusal.code}>
          {link.refusal.words} {link.refusal.detail !== null && <span class="muted">{link.refusal.detail}</span>}
        </p>
      )}
      <label>
        Access token
        <input
          type="password"
          autocomplete="off"
          spellcheck={false}
          value={token.value}
          data-testid="token-field"
          onInput={(event) => (token.value = event.currentTarget.value)}
        />
      </label>
      <button class="primary" type="submit">
        Use this token
      </button>
      <p class="muted">
        It says which accounts this page may watch. Make one where the gateway runs with{' '}
        <code>tidegate token create --address dydx1…</code>; it stays in this tab only and can move no money.
      </p>
    </form>
  );
}

export function SignInCard() {
  return (
    <div class="sign-in" data-testid="sign-in">
      <div class="card" role="region" aria-labelledby="sign-in-title">
        <h2 id="sign-in-title">Watch your dYdX account, live</h2>
        <TokenForm />
      </div>
    </div>
  );
}

export function SignInWindow() {
  return (
    <Dialog title="Access token" close={() => (open.value = null)}>
      <TokenForm done={() => (open.value = null)} />
      {desk.hasToken && (
        <button class="plain" onClick={() => desk.signOut()}>
          Forget the token of this tab
        </button>
      )}
    </Dialog>
  );
}
