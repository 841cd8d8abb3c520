import type { Connection } from 'mysql2';
import type { Route } from '../remote/open-connection.js';
import type { SourceAddress } from '../remote/source-address.js';
import { connectByRoute } from './connect.js';
import { wireOf } from './wire.js';

const TIMEOUT_MS = 3_000;

/**
 * Asks the server, over a connection of its own that is made when it is first needed, to kill what a session is running. The
 * account may do that to its own sessions. Whether it worked is seen at the session.
 */
export class KillRequests {
  private readonly closing = new AbortController();
  private opened: Promise<Connection> | undefined;
  private isAsking = false;

  constructor(
    private readonly source: SourceAddress,
    private readonly route: Route,
    /** What the server knows the session by. */
    public threadId: string | number,
  ) {}

  /** Asks once, unless the last time has not been answered yet. Never throws, because the session is then cut. */
  async send(): Promise<void> {
    if (this.isAsking || this.closing.signal.aborted) return;
    this.isAsking = true;
    try {
      this.opened ??= connectByRoute(this.source, this.route, TIMEOUT_MS, this.closing.signal);
      const connection = await this.opened;
      await new Promise<void>((resolve, reject) => {
        connection.query('KILL QUERY ?', [Number(this.threadId)], (error) => (error ? reject(error) : resolve()));
      });
    } catch {
      // Lost, full or refused: the next one tries again on a new connection.
      this.disconnect();
    } finally {
      this.isAsking = false;
    }
  }

  close(): void {
    this.closing.abort();
    this.disconnect();
  }

  private disconnect(): void {
    this.opened?.then(
      (connection) => void wireOf(connection).stream.destroy(),
      () => undefined,
    );
    this.opened = undefined;
  }
}
