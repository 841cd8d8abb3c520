import { once } from 'node:events';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { CredentialCipher } from '../src/platform/security/credential-cipher.js';
import { EncryptionKeys } from '../src/platform/security/encryption-keys.js';
import { newAccount } from './support/client.js';
import { command, result, sharedInstallation, startCommand } from './support/command-line.js';

const ROWS = 1200;
const ROTATE = ['keys', 'rotate-encryption'];

interface Row {
  id: number;
  password_encrypted: string;
}

describe('a new encryption key', () => {
  const { DATABASE_URL: url, LUMIERE_DATA_DIR: dataDir = '' } = sharedInstallation();
  const database = new pg.Client(url ?? { host: dataDir, port: 5432, user: 'postgres', database: 'postgres' });
  const cipherOfServer = new CredentialCipher(new EncryptionKeys(undefined, [], dataDir));
  let ownerId: number;
  let lastEntry = 0;

  const rows = async (): Promise<Row[]> =>
    (
      await database.query<Row>('SELECT id, password_encrypted FROM data_sources WHERE owner_id = $1 ORDER BY id', [
        ownerId,
      ])
    ).rows;
  const placeOf = (id: number) => ({ table: 'data_sources', column: 'password_encrypted', id });
  const countAnew = async (): Promise<number> => {
    const anew = await Promise.all((await rows()).map((row) => cipherOfServer.isCurrent(row.password_encrypted)));
    return anew.filter(Boolean).length;
  };

  /** What the audit trail says about the key. */
  const recorded = async (): Promise<string[]> =>
    (
      await database.query<{ action: string }>(
        `SELECT action FROM audit_trails WHERE object_type = 'encryption_key' AND id > $1 ORDER BY id`,
        [lastEntry],
      )
    ).rows.map(({ action }) => action);

  beforeAll(async () => {
    await database.connect();
    const { rows: last } = await database.query<{ id: number }>('SELECT max(id) AS id FROM audit_trails');
    lastEntry = last[0]?.id ?? 0;
    ownerId = (await newAccount()).id;
    const { rows: made } = await database.query<{ id: number }>(
      `INSERT INTO data_sources (name, type, status, host, owner_id)
       SELECT 'db ' || n, (ARRAY['postgres', 'mysql', 'mariadb', 'clickhouse', 'trino'])[1 + n % 5], 'ready', 'db.example.com', $1
       FROM generate_series(1, $2) n RETURNING id`,
      [ownerId, ROWS],
    );
    const texts = await Promise.all(made.map(({ id }) => cipherOfServer.encrypt(`secret ${id}`, placeOf(id))));
    await database.query(
      `UPDATE data_sources SET password_encrypted = made.text
       FROM unnest($1::integer[], $2::text[]) AS made (id, text) WHERE data_sources.id = made.id`,
      [made.map(({ id }) => id), texts],
    );
  });

  afterAll(async () => {
    await database.query('DELETE FROM data_sources WHERE owner_id = $1', [ownerId]);
    await database.end();
  });

  it('reaches every stored credential, whenever the command is killed, and is read by the running server', async () => {
    const child = startCommand([...ROTATE, '--new'], sharedInstallation());
    while ((await countAnew()) < 20 || (await countAnew()) === ROWS) expect(child.exitCode).toBeNull();
    child.kill('SIGKILL');
    await once(child, 'close');
    const done = await countAnew();
    expect(await recorded()).toEqual(['encryption_key.replaced']);
    expect(done).toBeGreaterThanOrEqual(20);
    expect(done).toBeLessThan(ROWS);
    for (const { id, password_encrypted: text } of await rows()) {
      expect(await cipherOfServer.decrypt(text, placeOf(id))).toBe(`secret ${id}`);
    }

    const outcome = await result<{ reencrypted: number; current: number }>(ROTATE);
    // Other suites keep credentials in the same installation: nothing of ours is left out, theirs come on top.
    expect(outcome.reencrypted).toBeGreaterThanOrEqual(ROWS - done);
    expect(outcome.current).toBeGreaterThanOrEqual(done);
    expect(await recorded()).toEqual(['encryption_key.replaced', 'encryption_key.rotated']);
    expect(await countAnew()).toBe(ROWS);
    for (const { id, password_encrypted: text } of await rows()) {
      expect(await cipherOfServer.decrypt(text, placeOf(id))).toBe(`secret ${id}`);
    }
  }, 60_000);

  it('names the rows that no key reads, and leaves them as they are', async () => {
    const [first, second] = await rows();
    await database.query('UPDATE data_sources SET password_encrypted = $2 WHERE id = $1', [
      first?.id,
      second?.password_encrypted.replace(/^v1\.\w{16}/, 'v1.0123456789abcdef'),
    ]);
    const before = (await rows())[0];
    const { code, out } = await command([...ROTATE, '--json']);
    expect(code).toBe(1);
    expect(JSON.parse(out)).toMatchObject({
      unreadable: [{ ...placeOf(first?.id ?? 0), reason: expect.stringContaining('0123456789abcdef') }],
    });
    expect((await rows())[0]).toEqual(before);
  }, 60_000);
});
