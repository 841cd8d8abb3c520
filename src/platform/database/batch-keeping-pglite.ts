import { PGlite } from '@electric-sql/pglite';

type Stream = PGlite['execProtocolRawStream'];

/** Messages of the extended protocol that only make sense with those before them: Parse, Bind, Describe, Execute, Close, Flush. */
const BATCH_MESSAGES = new Set([...'PBDECH'].map((type) => type.charCodeAt(0)));

/**
 * PGlite for several connections. They share one session, and `PGLiteSocketServer` keeps to one connection only inside a
 * transaction; the messages of two parameterised statements would otherwise interleave, and one connection would get the
 * other's rows (electric-sql/pglite#1046). So a batch counts as a transaction until its Sync.
 */
export class BatchKeepingPGlite extends PGlite {
  private batchIsOpen = false;

  override async execProtocolRawStream(...[message, options]: Parameters<Stream>): Promise<void> {
    this.batchIsOpen = BATCH_MESSAGES.has(message[0] ?? 0);
    await super.execProtocolRawStream(message, options);
  }

  /** Called when a connection has gone, to roll back what it left open: a batch too. */
  override exec(...parameters: Parameters<PGlite['exec']>): ReturnType<PGlite['exec']> {
    this.batchIsOpen = false;
    return super.exec(...parameters);
  }

  override isInTransaction(): boolean {
    return this.batchIsOpen || super.isInTransaction();
  }
}
