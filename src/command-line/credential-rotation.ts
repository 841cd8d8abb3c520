import { Injectable } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { AuditLog, UnitOfWork } from '../platform/audit/index.js';
import { type EncryptedColumn, encryptedColumns } from '../platform/database/index.js';
import { CredentialCipher, EncryptionKeys, UnreadableCredentialError } from '../platform/security/index.js';

/** What became of the stored credentials. */
export interface RotationOutcome {
  reencrypted: number;
  /** They were under the current key already. */
  current: number;
  /** Stored credentials that no key reads; they are as they were. */
  unreadable: { table: string; column: string; id: number; reason: string }[];
}

interface StoredCredential {
  id: number;
  text: string;
}

const ROWS_AT_ONCE = 200;
/** Held by whoever replaces the key; any number that no other use of advisory locks takes. */
const REPLACEMENT_LOCK = 4_926_404;

/**
 * Brings every stored credential under the current key. Each row is a change of its own: whenever this ends, every row can be
 * read, and the next run goes on with those that are left. A row that somebody changes meanwhile keeps what they wrote.
 */
@Injectable()
export class CredentialRotation {
  constructor(
    private readonly dataSource: DataSource,
    private readonly cipher: CredentialCipher,
    private readonly keys: EncryptionKeys,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
  ) {}

  /**
   * Makes a new key, of two that want to at the same moment one after the other, and records it before anything is
   * encrypted with it.
   *
   * @throws ConfigurationError when the key is configured
   */
  async replaceKey(): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      await manager.query('SELECT pg_advisory_xact_lock($1)', [REPLACEMENT_LOCK]);
      const before = await this.keys.current();
      await this.keys.replace();
      const { id } = await this.keys.current();
      record({ action: 'encryption_key.replaced', objectId: null, before: { key: before.id }, after: { key: id } });
    });
  }

  /** Goes through every row, and records what became of them. */
  async run(): Promise<RotationOutcome> {
    const outcome = await this.rotateAll();
    const { reencrypted, current, unreadable } = outcome;
    const details = { reencrypted, current, unreadable: unreadable.length };
    await this.audit.record({ action: 'encryption_key.rotated', objectId: null, details });
    return outcome;
  }

  private async rotateAll(): Promise<RotationOutcome> {
    const outcome: RotationOutcome = { reencrypted: 0, current: 0, unreadable: [] };
    for (const place of encryptedColumns(this.dataSource)) {
      let last = 0;
      for (;;) {
        const rows = await this.rowsAfter(place, last);
        for (const row of rows) await this.rotate(place, row, outcome);
        if (rows.length < ROWS_AT_ONCE) break;
        last = rows.at(-1)?.id ?? last;
      }
    }
    return outcome;
  }

  private async rotate(
    place: EncryptedColumn,
    { id, text }: StoredCredential,
    outcome: RotationOutcome,
  ): Promise<void> {
    if (await this.cipher.isCurrent(text)) {
      outcome.current += 1;
      return;
    }
    try {
      const secret = await this.cipher.decrypt(text, { ...place, id });
      const anew = await this.cipher.encrypt(secret, { ...place, id });
      if (await this.replace(place, { id, text }, anew)) outcome.reencrypted += 1;
      else await this.again(place, id, outcome);
    } catch (error) {
      if (!(error instanceof UnreadableCredentialError)) throw error;
      outcome.unreadable.push({ ...place, id, reason: error.message });
    }
  }

  /** The row was changed since it was read: what is there now counts. */
  private async again(place: EncryptedColumn, id: number, outcome: RotationOutcome): Promise<void> {
    const [row] = (await this.rowsAfter(place, id - 1, 1)).filter((found) => found.id === id);
    if (row !== undefined) await this.rotate(place, row, outcome);
  }

  private rowsAfter({ table, column }: EncryptedColumn, id: number, limit = ROWS_AT_ONCE): Promise<StoredCredential[]> {
    return this.dataSource.query(
      `SELECT id, ${column} AS text FROM ${table} WHERE ${column} IS NOT NULL AND id > $1 ORDER BY id LIMIT $2`,
      [id, limit],
    );
  }

  private async replace(
    { table, column }: EncryptedColumn,
    { id, text }: StoredCredential,
    anew: string,
  ): Promise<boolean> {
    const [, count] = (await this.dataSource.query(
      `UPDATE ${table} SET ${column} = $3 WHERE id = $1 AND ${column} = $2`,
      [id, text, anew],
    )) as [unknown[], number];
    return count === 1;
  }
}
