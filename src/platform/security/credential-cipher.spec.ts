import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { CredentialCipher } from './credential-cipher.js';
import { EncryptionKeys } from './encryption-keys.js';

const PLACE = { table: 'data_sources', column: 'password_encrypted', id: 7 };
const OLD_KEY = 'an older key of at least 32 characters';
const NEW_KEY = 'the newer key, of at least 32 characters';

describe('the cipher of stored credentials', () => {
  let dataDir: string;

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lumiere-keys-'));
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  const cipherOf = (key: string | undefined, previous: string[] = []): CredentialCipher =>
    new CredentialCipher(new EncryptionKeys(key, previous, dataDir));

  /** A data directory that keeps its own key. */
  const keepKey = async (): Promise<void> => {
    await mkdir(join(dataDir, 'keys'));
    await writeFile(join(dataDir, 'keys', 'encryption.key'), `${'k3yK3Y'.repeat(12)}\n`);
  };

  it('gives a secret back, and never the same text twice', async () => {
    const cipher = cipherOf(NEW_KEY);
    const [first, second] = [await cipher.encrypt('pässword', PLACE), await cipher.encrypt('pässword', PLACE)];
    expect(await cipher.decrypt(first, PLACE)).toBe('pässword');
    expect(first).not.toBe(second);
    expect(first).not.toContain(Buffer.from('pässword').toString('base64url'));
  });

  it.each([
    ['in another row', { ...PLACE, id: 8 }],
    ['in another column', { ...PLACE, column: 'connection_string' }],
    ['in another table', { ...PLACE, table: 'webhooks' }],
  ])('does not read a text that was put %s', async (_, place) => {
    const cipher = cipherOf(NEW_KEY);
    await expect(cipher.decrypt(await cipher.encrypt('secret', PLACE), place)).rejects.toThrow(/another row/);
  });

  it('does not read a text that was changed anywhere', async () => {
    const cipher = cipherOf(NEW_KEY);
    const text = await cipher.encrypt('secret', PLACE);
    const parts = text.split('.');
    for (const part of [2, 3, 4]) {
      const changed = parts.map((own, index) =>
        index === part ? (own.startsWith('A') ? 'B' : 'A') + own.slice(1) : own,
      );
      await expect(cipher.decrypt(changed.join('.'), PLACE)).rejects.toThrow(/changed/);
    }
    for (const wrong of ['', 'secret', text.slice(0, -1).slice(2), `v2${text.slice(2)}`]) {
      await expect(cipher.decrypt(wrong, PLACE)).rejects.toThrow(/not in the form/);
    }
  });

  it('reads with an earlier key what was written with it, and writes with the newer one', async () => {
    const text = await cipherOf(OLD_KEY).encrypt('secret', PLACE);
    await expect(cipherOf(NEW_KEY).decrypt(text, PLACE)).rejects.toThrow(/Its key [0-9a-f]{16} is not there/);
    const cipher = cipherOf(NEW_KEY, [OLD_KEY]);
    expect(await cipher.decrypt(text, PLACE)).toBe('secret');
    expect(await cipher.isCurrent(text)).toBe(false);
    expect(await cipher.isCurrent(await cipher.encrypt('secret', PLACE))).toBe(true);
  });

  it('follows when another process replaces the kept key', async () => {
    await keepKey();
    const running = cipherOf(undefined);
    const before = await running.encrypt('secret', PLACE);
    await new EncryptionKeys(undefined, [], dataDir).replace();
    const written = await cipherOf(undefined).encrypt('newer', PLACE);
    expect(await running.decrypt(written, PLACE)).toBe('newer');
    expect(await running.decrypt(before, PLACE)).toBe('secret');
    expect(await running.isCurrent(before)).toBe(false);
    expect(await running.isCurrent(await running.encrypt('x', PLACE))).toBe(true);
  });

  it('keeps every earlier key, for the eyes of the owner only', async () => {
    await keepKey();
    const keys = new EncryptionKeys(undefined, [], dataDir);
    const text = await new CredentialCipher(keys).encrypt('secret', PLACE);
    await keys.replace();
    await keys.replace();
    expect(await cipherOf(undefined).decrypt(text, PLACE)).toBe('secret');
    for (const [name, count] of [
      ['encryption.key', 1],
      ['encryption.key.previous', 3],
    ] as const) {
      const path = join(dataDir, 'keys', name);
      expect((await readFile(path, 'utf8')).split('\n').filter((line) => line !== '')).toHaveLength(count);
      expect((await stat(path)).mode & 0o777).toBe(0o600);
    }
  });

  it('loses no key when several replace it at the same moment', async () => {
    await keepKey();
    const texts = await Promise.all(
      Array.from({ length: 8 }, async () => {
        const keys = new EncryptionKeys(undefined, [], dataDir);
        await keys.replace();
        return new CredentialCipher(keys).encrypt('secret', PLACE);
      }),
    );
    for (const text of texts) expect(await cipherOf(undefined).decrypt(text, PLACE)).toBe('secret');
  });

  it('does not replace a key that is configured', async () => {
    await expect(new EncryptionKeys(NEW_KEY, [], dataDir).replace()).rejects.toThrow(/LUMIERE_ENCRYPTION_KEY_PREVIOUS/);
  });
});
