/** Writes the OpenAPI document to docs/openapi.json, from a server started for the purpose; with --check, compares only. */
import { readFile, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { removeDataDir, startServer } from '../test/support/server.mjs';

const FILE = fileURLToPath(new URL('../docs/openapi.json', import.meta.url));

const server = await startServer({ LOG_LEVEL: 'warn' });
try {
  const response = await fetch(`${server.url}/api/openapi.json`);
  const document = `${JSON.stringify(await response.json(), null, 2)}\n`;
  if (!process.argv.includes('--check')) await writeFile(FILE, document);
  else if (document !== (await readFile(FILE, 'utf8').catch(() => ''))) {
    console.error('docs/openapi.json is not what the code says. Run: npm run openapi');
    process.exitCode = 1;
  }
} finally {
  await server.stop();
  await removeDataDir(server);
}
