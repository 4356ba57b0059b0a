/** Asks the gateway's own `/v4` for what no topic holds: history. At most two requests at once, the token in a header. */
import { asObject } from '@tidegate/client';

export class RestFailure extends Error {
  constructor(
    readonly status: number,
    message: string,
  ) {
    super(message);
  }
}

const atOnce = 2;

export class Rest {
  private running = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(private readonly token: () => string | null) {}

  /** The answer as an object; a list comes as it is. */
  async get(path: string, query: Record<string, string | number> = {}): Promise<unknown> {
    const address = new URL(path, location.origin);
    for (const [name, value] of Object.entries(query)) address.searchParams.set(name, String(value));
    return (await this.fetch(address)).json();
  }

  async fetch(address: URL, method = 'GET'): Promise<Response> {
    if (this.running >= atOnce) await new Promise<void>((turn) => this.waiting.push(turn));
    this.running++;
    try {
      const token = this.token();
      const headers: Record<string, string> = token === null ? {} : { Authorization: `Bearer ${token}` };
      const response = await fetch(address, { method, headers, signal: AbortSignal.timeout(15_000) });
      if (!response.ok) throw new RestFailure(response.status, await reasonOf(response));
      return response;
    } finally {
      this.running--;
      this.waiting.shift()?.();
    }
  }
}

async function reasonOf(response: Response): Promise<string> {
  if (response.status === 429)
    return `Too many requests; try again in ${response.headers.get('Retry-After') ?? '10'} s.`;
  try {
    const body = asObject(await response.json());
    const first = Array.isArray(body.errors) ? asObject(body.errors[0]).msg : undefined;
    return String(body.detail ?? first ?? body.error ?? response.statusText);
  } catch {
    return response.statusText || `Status ${response.status}`;
  }
}
