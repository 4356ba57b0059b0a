/** The page's WebSocket led through the test, which can listen to it, hold it back, and change what comes over it. */
import type { Page, WebSocketRoute } from 'playwright-core';

export interface WireFrame extends Record<string, unknown> {
  type: string;
  channel?: string;
  id?: string;
}

/** Takes a frame of the gateway and gives what the page is to see of it; null keeps it away. */
export type Change = (frame: WireFrame) => WireFrame | null;

export class Wire {
  /** What the page sent, over all its sockets. */
  readonly sent: WireFrame[] = [];
  /** How many sockets the page opened. */
  opened = 0;
  change: Change = (frame) => frame;

  private sockets: WebSocketRoute[] = [];
  private release: () => void = () => undefined;
  private free: Promise<void> = Promise.resolve();

  /** To be laid before the page loads. */
  async lay(page: Page): Promise<void> {
    await page.routeWebSocket(/\/ws\/dashboard/, async (socket) => {
      this.opened++;
      await this.free;
      this.sockets.push(socket);
      const gateway = socket.connectToServer();
      socket.onMessage((text) => {
        this.sent.push(JSON.parse(String(text)) as WireFrame);
        gateway.send(text);
      });
      gateway.onMessage((text) => {
        const before = JSON.parse(String(text)) as WireFrame;
        const after = this.change(before);
        if (after !== null) socket.send(after === before ? text : JSON.stringify(after));
      });
    });
  }

  /** New sockets do not open until `letGo`. */
  hold(): void {
    this.free = new Promise((done) => (this.release = done));
  }

  letGo(): void {
    this.release();
    this.free = Promise.resolve();
  }

  /** Closes the page's socket as the gateway would. */
  async end(code: number, reason: string): Promise<void> {
    for (const socket of this.sockets.splice(0)) await socket.close({ code, reason });
  }
}
