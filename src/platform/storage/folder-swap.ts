/**
 * Putting folders into the data directory together with a transaction of the database. Those that were there are parked
 * in `before-restore-ID/` until the transaction is known to be committed; whoever opens the data directory next settles
 * what was cut short. No server runs meanwhile.
 */
import { existsSync } from 'node:fs';
import { mkdir, open, readdir, readFile, rename, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { syncFolder } from './sync-folder.js';

/** What is known before the first folder is moved: which ones will be, and whether there was one in its place. */
interface Journal {
  folders: { name: string; was: boolean }[];
}

const PREFIX = 'before-restore-';
const JOURNAL = 'journal.json';

/**
 * Moves folders to their places in the data directory. End it with `settleSwap`, once the fate of the transaction is known.
 *
 * @param id a new UUID, which the transaction writes down
 * @param from where the new folders are, on the disk of the data directory
 */
export async function swapFolders(dataDir: string, id: string, from: string, names: readonly string[]): Promise<void> {
  const parked = join(dataDir, `${PREFIX}${id}`);
  await mkdir(parked, { mode: 0o700 });
  const folders = names.map((name) => ({ name, was: existsSync(join(dataDir, name)) }));
  await writeJournal(parked, { folders });
  await syncFolder(dataDir);
  for (const { name, was } of folders) {
    if (was) await rename(join(dataDir, name), join(parked, name));
    await rename(join(from, name), join(dataDir, name));
  }
  await syncFolder(parked);
  await syncFolder(dataDir);
}

/** The ids of the swaps that are not settled. */
export async function openSwaps(dataDir: string): Promise<string[]> {
  if (!existsSync(dataDir)) return [];
  const names = await readdir(dataDir);
  return names.filter((name) => name.startsWith(PREFIX)).map((name) => name.slice(PREFIX.length));
}

/**
 * Ends a swap: removes what was there before, or puts it back. Can be stopped at any moment, and done again.
 *
 * @param committed whether the transaction that belongs to it was
 */
export async function settleSwap(dataDir: string, id: string, committed: boolean): Promise<void> {
  const parked = join(dataDir, `${PREFIX}${id}`);
  if (!committed) {
    for (const { name, was } of (await readJournal(parked))?.folders ?? []) await putBack(dataDir, parked, name, was);
    await syncFolder(dataDir);
    // Without the journal nothing here is anybody's any more.
    await rm(join(parked, JOURNAL), { force: true });
  }
  await rm(parked, { recursive: true, force: true });
}

async function putBack(dataDir: string, parked: string, name: string, was: boolean): Promise<void> {
  const place = join(dataDir, name);
  const before = join(parked, name);
  // Not moved away yet, or back already.
  if (was && !existsSync(before)) return;
  const refused = join(parked, `${name}.refused`);
  if (existsSync(place)) {
    await rm(refused, { recursive: true, force: true });
    await rename(place, refused);
  }
  if (was) await rename(before, place);
}

async function writeJournal(parked: string, journal: Journal): Promise<void> {
  const draft = join(parked, `${JOURNAL}.draft`);
  const file = await open(draft, 'wx', 0o600);
  try {
    await file.writeFile(JSON.stringify(journal));
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(draft, join(parked, JOURNAL));
  await syncFolder(parked);
}

/** Null when it was not written yet: then nothing was moved. */
async function readJournal(parked: string): Promise<Journal | null> {
  const path = join(parked, JOURNAL);
  return existsSync(path) ? (JSON.parse(await readFile(path, 'utf8')) as Journal) : null;
}
