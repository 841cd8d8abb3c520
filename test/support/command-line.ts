/** The administrators' command line, as a process of its own beside the shared test server. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { fileURLToPath } from 'node:url';

const CLI = fileURLToPath(new URL('../../dist/src/cli.js', import.meta.url));

export interface CommandOutcome {
  code: number | null;
  out: string;
  err: string;
}

/** The installation of the server that all tests share. */
export function sharedInstallation(): Record<string, string> {
  const { LUMIERE_TEST_DATA_DIR: dataDir = '', TEST_DATABASE_URL: url } = process.env;
  return { LUMIERE_DATA_DIR: dataDir, ...(url === undefined ? {} : { DATABASE_URL: url }) };
}

export function startCommand(args: string[], environment: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--no-warnings', CLI, ...args], {
    cwd: tmpdir(),
    env: { PATH: process.env['PATH'], NODE_ENV: 'test', BCRYPT_COST: '10', ...environment },
    stdio: 'pipe',
  });
}

/** Runs a command to its end. */
export async function command(
  args: string[],
  { environment = sharedInstallation(), input = '' } = {},
): Promise<CommandOutcome> {
  const child = startCommand(args, environment);
  const outcome: CommandOutcome = { code: null, out: '', err: '' };
  child.stdout?.setEncoding('utf8').on('data', (text: string) => {
    outcome.out += text;
  });
  child.stderr?.setEncoding('utf8').on('data', (text: string) => {
    outcome.err += text;
  });
  child.stdin?.end(input);
  await once(child, 'close');
  return { ...outcome, code: child.exitCode };
}

/** Runs a command that must succeed, and gives its JSON. */
export async function result<T>(
  args: string[],
  options: { environment?: Record<string, string>; input?: string } = {},
): Promise<T> {
  const { code, out, err } = await command([...args, '--json'], options);
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${err}${out}`);
  return JSON.parse(out) as T;
}
