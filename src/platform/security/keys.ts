import { randomBytes } from 'node:crypto';
import { chmod, mkdir, open, readFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../config/environment.js';
import { syncFolder } from '../storage/sync-folder.js';

export const KEY_BYTES = 48;

/**
 * A key of the installation: the configured one, or the one kept in the data directory, made there on the first start
 * (48 random bytes as base64, readable by the owner only).
 *
 * @throws ConfigurationError when the kept key was cut or emptied
 */
export async function installationKey(
  configured: string | undefined,
  dataDir: string,
  name: 'secret' | 'encryption',
): Promise<string> {
  if (configured !== undefined) return configured;
  const directory = join(dataDir, 'keys');
  await mkdir(directory, { recursive: true, mode: 0o700 });
  const path = join(directory, `${name}.key`);
  await createOnce(path);
  await chmod(path, 0o600);
  const key = (await readFile(path, 'utf8')).trim();
  if (key.length < KEY_BYTES) {
    throw new ConfigurationError(
      `The key file ${path} is damaged. Restore it from a backup; without it, what it protects cannot be read.`,
    );
  }
  return key;
}

async function createOnce(path: string): Promise<void> {
  try {
    const file = await open(path, 'wx', 0o600);
    try {
      await file.writeFile(`${randomBytes(KEY_BYTES).toString('base64')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await syncFolder(dirname(path));
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
