/** What a backup says about itself: `manifest.json`, beside `tables/`, `sources/`, `results/` and `keys/`. */
import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, posix, relative, sep } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { refused } from '../outcome.js';

export const MANIFEST = 'manifest.json';
export const BACKUP_FORMAT = 1;

export interface TableManifest {
  name: string;
  rows: number;
  columns: string[];
  /** Where the sequences of its columns are, so that an id is never given out twice. */
  sequences: { column: string; last_value: string; is_called: boolean }[];
}

export interface FileManifest {
  /** Relative to the backup, with slashes. */
  path: string;
  bytes: number;
  sha256: string;
}

export interface BackupManifest {
  format: typeof BACKUP_FORMAT;
  lumiere: string;
  created_at: string;
  /** Names of the migrations that the schema had, oldest first. */
  migrations: string[];
  with_results: boolean;
  with_keys: boolean;
  tables: TableManifest[];
  /** Every file but this one. */
  files: FileManifest[];
}

/**
 * Every file below a folder with its size and hash, by path.
 *
 * @throws CommandFailure when something in it is neither a file nor a folder: a link could lead anywhere
 */
export async function describeFiles(folder: string): Promise<FileManifest[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  const stranger = entries.find((entry) => !entry.isFile() && !entry.isDirectory());
  if (stranger !== undefined) throw refused(`The backup holds ${stranger.name}, which is neither a file nor a folder.`);
  const paths = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const files: FileManifest[] = [];
  for (const path of paths.sort()) {
    const name = relative(folder, path).split(sep).join(posix.sep);
    if (name !== MANIFEST) files.push({ path: name, ...(await digest(path)) });
  }
  return files;
}

/**
 * Reads a backup's manifest and compares every file with what it says.
 *
 * @throws CommandFailure when it is no backup of ours, or a file is missing, too many, or not as it was
 */
export async function checkBackup(folder: string): Promise<BackupManifest> {
  const manifest = await readManifest(folder);
  const found = new Map((await describeFiles(folder)).map((file) => [file.path, file]));
  for (const { path, sha256 } of manifest.files) {
    if (found.get(path)?.sha256 !== sha256)
      throw refused(`The backup is damaged: ${path} is missing or not as it was.`);
    found.delete(path);
  }
  const [stranger] = found.keys();
  if (stranger !== undefined) throw refused(`The backup holds a file that its manifest does not name: ${stranger}.`);
  return manifest;
}

async function readManifest(folder: string): Promise<BackupManifest> {
  const text = await readFile(join(folder, MANIFEST), 'utf8').catch((cause: unknown) => {
    throw refused(`This is no backup of Lumiere: it has no ${MANIFEST}.`, { cause });
  });
  const manifest = parsed(text);
  if (isRecord(manifest) && typeof manifest['format'] === 'number' && manifest['format'] > BACKUP_FORMAT)
    throw refused('This backup was made by a newer version of Lumiere. Use that one.');
  if (!isManifest(manifest)) throw refused(`The backup is damaged: its ${MANIFEST} is not in the form of one.`);
  return manifest;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw refused(`The backup is damaged: its ${MANIFEST} is no JSON.`, { cause });
  }
}

function isManifest(value: unknown): value is BackupManifest {
  return (
    isRecord(value) &&
    value['format'] === BACKUP_FORMAT &&
    isText(value['lumiere']) &&
    isText(value['created_at']) &&
    isListOf(value['migrations'], isText) &&
    typeof value['with_results'] === 'boolean' &&
    typeof value['with_keys'] === 'boolean' &&
    isListOf(value['tables'], isTable) &&
    isListOf(value['files'], isFile)
  );
}

function isTable(value: unknown): boolean {
  return (
    isRecord(value) &&
    isText(value['name']) &&
    /^[a-z_]\w*$/.test(value['name']) &&
    typeof value['rows'] === 'number' &&
    isListOf(value['columns'], isText) &&
    isListOf(value['sequences'], isSequence)
  );
}

function isSequence(value: unknown): boolean {
  return (
    isRecord(value) && isText(value['column']) && isText(value['last_value']) && typeof value['is_called'] === 'boolean'
  );
}

function isFile(value: unknown): boolean {
  return isRecord(value) && isText(value['path']) && typeof value['bytes'] === 'number' && isText(value['sha256']);
}

function isListOf(value: unknown, isOne: (one: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

async function digest(path: string): Promise<{ bytes: number; sha256: string }> {
  const hash = createHash('sha256');
  let bytes = 0;
  await pipeline(createReadStream(path), async (chunks: AsyncIterable<Buffer>) => {
    for await (const chunk of chunks) {
      bytes += chunk.length;
      hash.update(chunk);
    }
  });
  return { bytes, sha256: hash.digest('hex') };
}
