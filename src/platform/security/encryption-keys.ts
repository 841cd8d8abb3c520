import { createSecretKey, hkdfSync, type KeyObject, randomBytes, randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigurationError } from '../config/environment.js';
import { syncFolder } from '../storage/sync-folder.js';
import { KEY_BYTES } from './keys.js';

/** A key as the cipher uses it. */
export interface DerivedKey {
  /** 16 hexadecimal digits that name the key and say nothing about it. */
  id: string;
  /** 256 bits, for AES. */
  key: KeyObject;
}

/**
 * The keys that stored credentials are encrypted with: one for what is written, and earlier ones, for what was written
 * before. They come from the configuration, or from two files in the data directory: `encryption.key`, and
 * `encryption.key.previous` with one key in a line, which only ever grows.
 */
export class EncryptionKeys {
  /** By their ids, as far as they were read. */
  private readonly known = new Map<string, DerivedKey>();

  /** @param configured undefined means that the key is kept in the data directory */
  constructor(
    private readonly configured: string | undefined,
    private readonly previous: readonly string[],
    private readonly dataDir: string,
  ) {
    for (const material of previous) this.remember(material);
  }

  /** Whether the key is kept in a file that `replace` may write. */
  get keptInDataDirectory(): boolean {
    return this.configured === undefined;
  }

  /**
   * The key for what is written now. A kept one is read each time: another process may have replaced it.
   *
   * @throws ConfigurationError when its file is damaged
   */
  async current(): Promise<DerivedKey> {
    if (this.configured !== undefined) return this.remember(this.configured);
    const [key] = await readKeys(this.path);
    if (key === undefined) throw new ConfigurationError(`The key file ${this.path} is missing or damaged.`);
    return this.remember(key);
  }

  /** The key of this id, among those that are configured and those that are kept; undefined when it is not there. */
  async find(id: string): Promise<DerivedKey | undefined> {
    if (!this.known.has(id)) {
      const kept = [...(await readKeys(this.path)), ...(await readKeys(this.previousPath))];
      for (const material of [...kept, ...(this.configured === undefined ? [] : [this.configured])]) {
        this.remember(material);
      }
    }
    return this.known.get(id);
  }

  /**
   * Puts a new random key in the place of the kept one, which can still be read with. A key is among the previous ones, on the
   * disk, before anything can be encrypted with it: so none is lost, whoever else does this at the same moment, and whenever
   * the machine stops.
   *
   * @throws ConfigurationError when the key is configured, and so not ours to replace
   */
  async replace(): Promise<void> {
    if (!this.keptInDataDirectory) {
      throw new ConfigurationError(
        'The key is set by LUMIERE_ENCRYPTION_KEY. Set another one there, and this one in LUMIERE_ENCRYPTION_KEY_PREVIOUS.',
      );
    }
    const made = randomBytes(KEY_BYTES).toString('base64');
    const kept = new Set(await readKeys(this.previousPath));
    await append(
      this.previousPath,
      [...(await readKeys(this.path)), made].filter((key) => !kept.has(key)),
    );
    await writeSafely(this.path, [made]);
  }

  private get path(): string {
    return join(this.dataDir, 'keys', 'encryption.key');
  }

  private get previousPath(): string {
    return `${this.path}.previous`;
  }

  private remember(material: string): DerivedKey {
    const id = derive(material, 'lumiere key id', 8).toString('hex');
    const key = this.known.get(id) ?? { id, key: createSecretKey(derive(material, 'lumiere credentials', 32)) };
    this.known.set(id, key);
    return key;
  }
}

/** HKDF with SHA-256 (RFC 5869); the purpose keeps what is derived for one use from being of use in another. */
function derive(material: string, purpose: string, bytes: number): Buffer {
  return Buffer.from(hkdfSync('sha256', material, '', purpose, bytes));
}

async function readKeys(path: string): Promise<string[]> {
  try {
    const lines = (await readFile(path, 'utf8')).split('\n').map((line) => line.trim());
    return lines.filter((line) => line.length >= KEY_BYTES);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
}

/** Adds lines to a file, in one piece: those of others stay whole. */
async function append(path: string, lines: readonly string[]): Promise<void> {
  const file = await open(path, 'a', 0o600);
  try {
    // The empty line keeps them apart from one that a stop of the machine has cut.
    await file.write(`\n${lines.join('\n')}\n`);
    await file.sync();
  } finally {
    await file.close();
  }
  await syncFolder(dirname(path));
}

/** The file is either as it was or as it shall be, whenever the machine stops. */
async function writeSafely(path: string, lines: readonly string[]): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    const file = await open(draft, 'wx', 0o600);
    try {
      await file.writeFile(`${lines.join('\n')}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(draft, path);
    await syncFolder(dirname(path));
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
