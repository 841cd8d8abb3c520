import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { loadConfiguration } from '../../platform/config/config.js';
import { holdsKeys, refuseKeysElsewhere } from './key-files.js';

const KEY = 'Zq8sV1n0pXw4rT6yB2mK9cL5hJ3gF7dS';

describe('the keys of a backup', () => {
  let dataDir: string;
  const refuse = (environment: Record<string, string> = {}): void =>
    refuseKeysElsewhere(loadConfiguration({ LUMIERE_DATA_DIR: dataDir, ...environment }));

  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'lumiere-keys-'));
    await mkdir(join(dataDir, 'keys'));
    for (const name of ['secret', 'encryption']) await writeFile(join(dataDir, 'keys', `${name}.key`), KEY);
  });

  afterEach(() => rm(dataDir, { recursive: true, force: true }));

  it('can be taken along when all of them are files', () => {
    expect(() => refuse()).not.toThrow();
  });

  it.each(['LUMIERE_SECRET_KEY', 'LUMIERE_ENCRYPTION_KEY', 'LUMIERE_ENCRYPTION_KEY_PREVIOUS'])(
    'cannot be taken along when %s is set',
    (name) => expect(() => refuse({ [name]: KEY })).toThrow(name),
  );

  it.each(['secret.key', 'encryption.key'])('cannot be taken along when %s is missing', async (name) => {
    await rm(join(dataDir, 'keys', name));
    expect(() => refuse()).toThrow(name);
  });

  it('are there only when each of them is', () => {
    const file = (path: string) => ({ path, bytes: 64, sha256: '' });
    expect(holdsKeys([file('keys/secret.key'), file('keys/encryption.key')])).toBe(true);
    expect(holdsKeys([file('keys/encryption.key'), file('keys/encryption.key.previous')])).toBe(false);
  });
});
