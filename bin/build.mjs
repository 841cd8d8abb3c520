/** Builds `dist/` when sources are newer than the last build; says what it does, because it takes a few seconds. */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const STAMP = join(ROOT, 'dist', '.built');
const INPUTS = [
  'src',
  'migrations',
  'ormconfig.ts',
  'tsconfig.json',
  'tsconfig.build.json',
  'nest-cli.json',
  'package-lock.json',
];

/** Newest change below a file or folder, in milliseconds since the epoch. */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}

/**
 * @param {{ force?: boolean, quiet?: boolean }} [options] quiet leaves standard output to what is started next
 */
export function buildWhenNeeded({ force = false, quiet = false } = {}) {
  const sources = INPUTS.map((name) => join(ROOT, name));
  // An installed release has no sources: what is there is what was built.
  const stale =
    sources.every((path) => existsSync(path)) &&
    (!existsSync(STAMP) || sources.some((path) => newest(path) > statSync(STAMP).mtimeMs));
  if (!force && !stale) return;
  (quiet ? process.stderr : process.stdout).write('Building Lumiere (about ten seconds) …\n');
  // What is changed while it builds is newer than the stamp.
  const started = new Date();
  const nest = fileURLToPath(import.meta.resolve('@nestjs/cli/bin/nest.js'));
  const { status } = spawnSync(process.execPath, [nest, 'build'], {
    cwd: ROOT,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  if (status !== 0) {
    process.stderr.write('The build failed; see the messages above.\n');
    process.exit(1);
  }
  writeFileSync(STAMP, '');
  utimesSync(STAMP, started, started);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) buildWhenNeeded({ force: process.argv.includes('--force') });
