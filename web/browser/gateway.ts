/** A gateway before a simulated Indexer, as processes of the built executable, for the tests in a real browser. */
import { execFileSync, spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** The executable named by TIDEGATE_EXE, or the one that was built last beside these sources. */
export const executable =
  process.env.TIDEGATE_EXE ??
  ['Release', 'Debug'].map((kind) => join(root, `src/Tidegate/bin/${kind}/net10.0/tidegate`)).find(existsSync) ??
  'tidegate';

const key = 'a-key-for-browser-tests-of-forty-bytes-xx';

function freePort(): Promise<number> {
  return new Promise((done, failed) => {
    const server = createServer();
    server.on('error', failed);
    server.listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => done(typeof address === 'object' && address ? address.port : 0));
    });
  });
}

/** What takes longer hangs, on a busy machine too. */
export const hangs = 60_000;

/** Asks until the answer is the one that is waited for. */
export async function until(what: string, holds: () => Promise<boolean>, within = hangs): Promise<void> {
  const end = Date.now() + within;
  for (;;) {
    if (await holds().catch(() => false)) return;
    if (Date.now() > end) throw new Error(`not within ${within} ms: ${what}`);
    await new Promise((next) => setTimeout(next, 50));
  }
}

const answers = async (url: string): Promise<boolean> => (await fetch(url)).ok;

export class Stage {
  token = '';
  addresses: string[] = [];
  readonly folder = mkdtempSync(join(tmpdir(), 'tidegate-browser-'));
  private indexer: ChildProcess | null = null;
  private gateway: ChildProcess | null = null;

  private constructor(
    readonly indexerPort: number,
    readonly port: number,
    private readonly settings: readonly string[],
  ) {}

  get address(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** The page's address with a token in its fragment. */
  get entrance(): string {
    return `${this.address}#token=${this.token}`;
  }

  static async start(settings: readonly string[] = [], flags: readonly string[] = ['--seed', '7']): Promise<Stage> {
    const stage = new Stage(await freePort(), await freePort(), settings);
    const urls = ['--urls', `http://127.0.0.1:${stage.indexerPort}`];
    stage.indexer = spawn(executable, ['simulate', ...urls, ...flags], { stdio: 'ignore' });
    try {
      await until('the simulated Indexer answers', () => answers(`http://127.0.0.1:${stage.indexerPort}/v4/height`));
      stage.addresses = await stage.accounts();
      stage.token = stage.makeToken(stage.addresses[0]!);
      await stage.open();
    } catch (error) {
      await stage.close();
      throw error;
    }
    return stage;
  }

  makeToken(...of: string[]): string {
    return this.makeTokenFor('30d', ...of);
  }

  /** For a time such as `2s`. */
  makeTokenFor(time: string, ...of: string[]): string {
    const what = ['--ttl', time, ...of.flatMap((address) => ['--address', address])];
    return execFileSync(executable, ['token', 'create', ...what, ...this.common()], { encoding: 'utf8' }).trim();
  }

  revoke(token: string): void {
    const claims = JSON.parse(Buffer.from(token.split('.')[1]!, 'base64url').toString()) as { jti: string };
    execFileSync(executable, ['token', 'revoke', claims.jti, ...this.common()]);
  }

  /** Pulls one of the simulator's levers. */
  async lever(path: string): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${this.indexerPort}/ctl/${path}`);
    if (!response.ok) throw new Error(`${path}: ${await response.text()}`);
    return response.json();
  }

  /** Has the gateway try the Indexer now, as the page's button does. */
  async reconnect(): Promise<void> {
    const headers = { Authorization: `Bearer ${this.token}` };
    await fetch(`${this.address}ws/reconnect/${this.addresses[0]}`, { method: 'POST', headers });
  }

  /** Some parts of the ledger: the truth. */
  async ledger<Parts>(parts: string): Promise<Parts> {
    return (await this.lever(`truth?parts=${parts}`)) as Parts;
  }

  /** While the exchange stands still, so that what arrives last is what the ledger says. */
  async held<T>(what: () => Promise<T>): Promise<T> {
    await this.lever('hold?on=true');
    try {
      return await what();
    } finally {
      await this.lever('hold?on=false');
    }
  }

  /** Starts the gateway, for the first time or again on the same port and folder. */
  async open(): Promise<void> {
    const upstream = `127.0.0.1:${this.indexerPort}/v4`;
    const ways = ['--ws-url', `ws://${upstream}/ws`, '--rest-url', `http://${upstream}`];
    const options = [...ways, '--urls', this.address.slice(0, -1), ...this.common(), ...this.sets(this.settings)];
    this.gateway = spawn(executable, ['serve', ...options], { stdio: 'ignore' });
    await until('the gateway is ready', () => answers(`${this.address}readyz`));
  }

  /** Ends the gateway at once, as SIGKILL does, or as a person does who restarts it. */
  async end(signal: 'SIGKILL' | 'SIGTERM' = 'SIGKILL'): Promise<void> {
    await ended(this.gateway, signal);
    this.gateway = null;
  }

  /** Opens the gateway again where it was ended. */
  async revive(): Promise<void> {
    if (this.gateway === null) await this.open();
  }

  async close(): Promise<void> {
    await ended(this.gateway, 'SIGKILL');
    await ended(this.indexer, 'SIGKILL');
    rmSync(this.folder, { recursive: true, force: true });
  }

  private common(): string[] {
    return this.sets([`Data=${this.folder}`, `Access:SigningKey=${key}`]);
  }

  private sets(list: readonly string[]): string[] {
    return list.flatMap((setting) => ['--set', setting]);
  }

  private async accounts(): Promise<string[]> {
    const truth = JSON.stringify(await this.lever('truth?parts=accounts'));
    return [...new Set(truth.match(/dydx1[a-z0-9]{38}/g) ?? [])];
  }
}

async function ended(child: ChildProcess | null, signal: NodeJS.Signals): Promise<void> {
  if (!child || child.exitCode !== null || child.signalCode !== null) return;
  const gone = new Promise((done) => child.once('exit', done));
  child.kill(signal);
  await gone;
}
