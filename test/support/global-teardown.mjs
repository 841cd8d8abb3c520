import { removeDataDir } from './server.mjs';

export default async function globalTeardown() {
  /** @type {import('./server.mjs').TestServer | undefined} */
  const server = Reflect.get(globalThis, 'lumiereTestServer');
  if (server === undefined) return;
  const code = await server.stop();
  await removeDataDir(server);
  if (code !== 0) throw new Error(`The test server ended with code ${code}:\n${server.output().slice(-4000)}`);
}
