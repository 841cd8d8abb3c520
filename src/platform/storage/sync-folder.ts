import { open } from 'node:fs/promises';

/** Waits until the names in a folder are on the disk: that a file is synchronised says nothing about its new name. */
export async function syncFolder(path: string): Promise<void> {
  // Windows opens no folders, and writes names down with the files.
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}
