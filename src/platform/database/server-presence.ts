/** How servers and a restore keep out of each other's way on a PostgreSQL server. The embedded database has its own lock. */
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import type { DatabaseConfig } from '../config/index.js';

/** Shared by all servers as long as they run, and held alone by a restore; no other use of advisory locks takes the number. */
export const SERVER_LOCK = 4_926_405;

const CONNECTION_ATTEMPTS = 6;
const PAUSE_MS = 3000;

type Ask = (sql: string, values?: unknown[]) => Promise<unknown[]>;

/** Whether a server works on the database: also one that is quiet, and so has no other connection. */
export async function isServerPresent(ask: Ask): Promise<boolean> {
  const [row] = (await ask(
    `SELECT count(*)::integer AS count FROM pg_locks
     WHERE locktype = 'advisory' AND mode = 'ShareLock' AND granted AND classid = 0 AND objid = ${SERVER_LOCK} AND objsubid = 1
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
  )) as { count: number }[];
  return (row?.count ?? 0) > 0;
}

/** What a server does before it touches anything: `isNeeded` says whether there is something, `work` does it alone. */
export interface Preparation {
  isNeeded: () => Promise<boolean>;
  work: (ask: Ask) => Promise<void>;
}

/** The connection by which others see that this server runs; it does nothing else, and comes back when it is lost. */
export class ServerPresence {
  private client: pg.Client | undefined;
  private stopped = false;

  private constructor(
    private readonly config: DatabaseConfig,
    private readonly onLoss: (error: Error) => void,
  ) {}

  /**
   * Waits for a restore that is under way, and keeps others from beginning until `end` is called or the process ends.
   *
   * @param onLoss told when the connection is lost; it is made again
   */
  static async announce(
    config: DatabaseConfig,
    preparation: Preparation,
    onLoss: (error: Error) => void,
  ): Promise<ServerPresence> {
    const presence = new ServerPresence(config, onLoss);
    const client = await presence.connect(CONNECTION_ATTEMPTS);
    await presence.prepare(client, preparation);
    return presence;
  }

  async end(): Promise<void> {
    this.stopped = true;
    await this.client?.end();
  }

  /** Alone if nobody else is there; otherwise those who are have prepared it, unless what they did was cut short. */
  private async prepare(client: pg.Client, { isNeeded, work }: Preparation): Promise<void> {
    const ask: Ask = async (sql, values) => (await client.query<pg.QueryResultRow>(sql, values)).rows;
    for (;;) {
      const [row] = (await ask('SELECT pg_try_advisory_lock($1) AS alone', [SERVER_LOCK])) as { alone: boolean }[];
      if (row?.alone === true) {
        if (await isNeeded()) await work(ask);
        await ask('SELECT pg_advisory_lock_shared($1)', [SERVER_LOCK]);
        await ask('SELECT pg_advisory_unlock($1)', [SERVER_LOCK]);
        return;
      }
      await ask('SELECT pg_advisory_lock_shared($1)', [SERVER_LOCK]);
      if (!(await isNeeded())) return;
      await ask('SELECT pg_advisory_unlock_shared($1)', [SERVER_LOCK]);
      await sleep(Math.random() * PAUSE_MS);
    }
  }

  private async connect(attempts: number): Promise<pg.Client> {
    for (let left = attempts; ; left -= 1) {
      const client = new pg.Client({
        connectionString: this.config.url ?? '',
        application_name: 'lumiere presence',
        connectionTimeoutMillis: this.config.connectionTimeoutMs,
        keepAlive: true,
      });
      // Without a listener the loss of the connection would end the process.
      let lost: ((error: Error) => void) | undefined;
      client.on('error', (error) => lost?.(error));
      try {
        await client.connect();
        lost = (error) => {
          lost = undefined;
          if (this.stopped) return;
          this.onLoss(error);
          void this.comeBack();
        };
        this.client = client;
        return client;
      } catch (error) {
        if (left <= 1 || this.stopped) throw error;
        await sleep(PAUSE_MS);
      }
    }
  }

  private async comeBack(): Promise<void> {
    try {
      const client = await this.connect(Number.POSITIVE_INFINITY);
      if (this.stopped) await client.end();
      else await client.query('SELECT pg_advisory_lock_shared($1)', [SERVER_LOCK]);
    } catch (error) {
      // A connection that is lost while it waits has said so to its own listener, which begins again.
      if (!this.stopped) this.onLoss(error instanceof Error ? error : new Error(String(error)));
    }
  }
}
