/** `npm run test:postgres`: the end-to-end tests once more, on a real PostgreSQL that is started for them. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { startPostgres } from '../test/support/postgres.mjs';

const jest = fileURLToPath(new URL('../node_modules/jest/bin/jest.js', import.meta.url));

const server = await startPostgres();
try {
  console.log(`End-to-end tests on PostgreSQL ${server.version} …`);
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      '--no-warnings',
      jest,
      '--selectProjects',
      'e2e',
      'slow',
      'postgres',
      ...process.argv.slice(2),
    ],
    {
      env: { ...process.env, TEST_DATABASE_URL: await server.createDatabase('lumiere') },
      stdio: 'inherit',
    },
  );
  const [code] = await once(child, 'exit');
  process.exitCode = code ?? 1;
} finally {
  await server.stop();
}
