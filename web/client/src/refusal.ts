/** Why the gateway would not open the socket. Browsers hide that from a WebSocket, so it is asked by a plain request. */
export interface Refusal {
  code: string;
  status: number;
  words: string;
  /** What the gateway itself said, where it said more than the code. */
  detail: string | null;
  /** Seconds to wait where the gateway named them: the refusal passes by itself. */
  retryAfter: number | null;
}

const words: Record<string, string> = {
  'token-missing': 'This gateway needs an access token. Paste one, or open the address that “tidegate demo” printed.',
  'token-invalid': 'The access token is not valid here.',
  'token-expired': 'The access token has expired. Make a new one with “tidegate token create”.',
  'token-revoked': 'The access token was revoked.',
  'address-not-covered': 'The access token does not cover this account.',
  'bad-address': 'The account address is not a valid dYdX address.',
  'bad-subaccount': 'The subaccount number is not valid.',
  'bad-view': 'The view is not one that the gateway knows.',
  'bad-host': 'The gateway does not answer under this host name. Add it to Tidegate:Access:AllowedHosts.',
  'foreign-origin': 'The gateway refuses pages from this origin. Add it to Tidegate:Access:AllowedOrigins.',
  full: 'The gateway has no free connection.',
};

export function refusalOf(
  code: string,
  status = 0,
  retryAfter: number | null = null,
  detail: string | null = null,
): Refusal {
  return { code, status, words: words[code] ?? `The gateway refused the connection (${code}).`, detail, retryAfter };
}

/** Null where the gateway would have let the socket in (426), or where nobody answered. */
export async function readRefusal(response: Response): Promise<Refusal | null> {
  if (response.status === 426) return null;
  let code = '';
  let detail: string | null = null;
  try {
    const problem: unknown = await response.json();
    if (typeof problem === 'object' && problem !== null && 'code' in problem) {
      code = String(problem.code);
      if ('detail' in problem) detail = String(problem.detail);
    }
  } catch {
    // Something between us and the gateway answered: a proxy's page has no code.
  }
  // Without a code it is no answer of the gateway's own: keep trying.
  if (code === '') return null;
  const retryAfter = Number(response.headers.get('Retry-After') ?? '');
  const passes = response.status === 503;
  return refusalOf(code, response.status, passes ? (retryAfter > 0 ? retryAfter : 5) : null, detail);
}
