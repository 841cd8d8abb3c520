/** A real browser, where the machine has one. */
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { tmpdir } from 'node:os';
import { promisify } from 'node:util';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome'];

export const browserPath = (process.env['PATH'] ?? '')
  .split(delimiter)
  .flatMap((folder) => NAMES.map((name) => join(folder, name)))
  .find((path) => existsSync(path));

/** The document that a browser shows at an address, when it has loaded, with its drawings as what they are. */
export async function shownInBrowser(url: string): Promise<string> {
  if (browserPath === undefined) throw new Error('There is no browser on this machine.');
  const profile = await mkdtemp(join(tmpdir(), 'lumiere-browser-'));
  try {
    const { stdout } = await promisify(execFile)(
      browserPath,
      [
        '--headless',
        '--no-sandbox',
        '--disable-gpu',
        '--no-first-run',
        `--user-data-dir=${profile}`,
        '--dump-dom',
        url,
      ],
      { timeout: 60_000, maxBuffer: 64 * 1024 * 1024 },
    );
    return stdout.replace(/data:image\/svg\+xml;base64,([\w+/=]+)/g, (_, data: string) =>
      Buffer.from(data, 'base64').toString(),
    );
  } finally {
    await rm(profile, { recursive: true, force: true });
  }
}
