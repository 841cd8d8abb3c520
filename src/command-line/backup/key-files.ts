import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Configuration } from '../../platform/config/index.js';
import { refused } from '../outcome.js';
import type { BackupManifest, FileManifest } from './manifest.js';

const KEY_FILES = ['secret.key', 'encryption.key'];

/**
 * Sees to it that all keys of the installation are files that a backup can hold.
 *
 * @throws CommandFailure when one is set in the environment, or its file is not there
 */
export function refuseKeysElsewhere({ keys, runtime }: Pick<Configuration, 'keys' | 'runtime'>): void {
  const configured = [
    ...(keys.secretKey === undefined ? [] : ['LUMIERE_SECRET_KEY']),
    ...(keys.encryptionKey === undefined ? [] : ['LUMIERE_ENCRYPTION_KEY']),
    ...(keys.previousEncryptionKeys.length === 0 ? [] : ['LUMIERE_ENCRYPTION_KEY_PREVIOUS']),
  ];
  if (configured.length > 0) {
    throw refused(
      `${configured.join(', ')} is set in the environment, and would not be in the backup. Keep it elsewhere, and leave out --with-keys.`,
    );
  }
  const missing = KEY_FILES.find((name) => !existsSync(join(runtime.dataDir, 'keys', name)));
  if (missing !== undefined)
    throw refused(`There is no keys/${missing} to put into the backup. Leave out --with-keys.`);
}

/** Whether every key is among the files. */
export function holdsKeys(files: readonly FileManifest[]): boolean {
  return KEY_FILES.every((name) => files.some(({ path }) => path === `keys/${name}`));
}

/** Whether restoring the backup brings keys that can take the place of those that are there. */
export function bringsKeys({ with_keys: withKeys, files }: BackupManifest): boolean {
  return withKeys && holdsKeys(files);
}
