/** A narrow way between a page and its gateway: so many bytes a second come through, the rest waits at the gateway. */
import { createServer, connect, type AddressInfo, type Server, type Socket } from 'node:net';

const pulse = 50;

export class Strait {
  private readonly sockets = new Set<Socket>();
  private width = Infinity;

  private constructor(
    private readonly server: Server,
    readonly port: number,
  ) {}

  static async before(gateway: number): Promise<Strait> {
    const server = createServer();
    await new Promise<void>((listens) => server.listen(0, '127.0.0.1', listens));
    const strait = new Strait(server, (server.address() as AddressInfo).port);
    server.on('connection', (page) => strait.join(page, connect(gateway, '127.0.0.1')));
    return strait;
  }

  /** From now on a connection gets so many bytes a second; all that come, without a number. */
  narrow(bytesPerSecond = Infinity): void {
    this.width = bytesPerSecond;
  }

  async close(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((closed) => this.server.close(closed));
  }

  private join(page: Socket, gateway: Socket): void {
    let left = 0;
    const pulses = setInterval(() => {
      left = (this.width * pulse) / 1000;
      if (left > 0) gateway.resume();
    }, pulse);
    gateway.on('data', (bytes) => {
      page.write(bytes);
      left -= bytes.length;
      if (this.width < Infinity && left <= 0) gateway.pause();
    });
    page.pipe(gateway);
    for (const [one, other] of [
      [page, gateway],
      [gateway, page],
    ] as const) {
      this.sockets.add(one);
      one.on('error', () => other.destroy());
      one.on('close', () => {
        clearInterval(pulses);
        this.sockets.delete(one);
        other.destroy();
      });
    }
  }
}
