/** `npm run demo`: builds when needed, serves, shows the main job on the sample data over HTTP, and goes on serving. */
import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { runDemo } from '../examples/demo.mjs';
import { buildWhenNeeded } from './build.mjs';

buildWhenNeeded();
const server = spawn(process.execPath, [fileURLToPath(new URL('./start.cjs', import.meta.url))], {
  env: { LOG_LEVEL: 'warn', ...process.env },
  stdio: ['ignore', 'pipe', 'inherit'],
});
server.once('exit', (code) => process.exit(code ?? 1));
// Ctrl+C reaches the server by itself, as it runs in the same terminal; this process goes when it has gone.
process.on('SIGINT', () => {});
process.on('SIGTERM', () => server.kill('SIGTERM'));

try {
  await runDemo({ url: await addressOf(server), dataDir: process.env.LUMIERE_DATA_DIR ?? './data' });
  server.stdout.pipe(process.stdout);
} catch (error) {
  console.error(`The demo stopped: ${error instanceof Error ? error.message : String(error)}`);
  server.removeAllListeners('exit');
  server.once('exit', () => process.exit(1));
  server.kill('SIGTERM');
}

/**
 * The address in the line that the server prints when it is ready.
 *
 * @param {import('node:child_process').ChildProcessByStdio<null, import('node:stream').Readable, null>} child
 * @returns {Promise<string>}
 */
function addressOf(child) {
  return new Promise((resolve) => {
    let printed = '';
    child.stdout.setEncoding('utf8');
    /** @param {string} text */
    const read = (text) => {
      printed += text;
      const match = /Lumiere is ready at (http:\S+)/.exec(printed);
      if (match?.[1] === undefined) return;
      child.stdout.off('data', read);
      resolve(match[1]);
    };
    child.stdout.on('data', read);
  });
}
