import { expect, it } from '@jest/globals';
import { TestDatabase } from './support/database.js';
import { startPostgres } from './support/postgres.mjs';

it('the schema is the same in the embedded database and on a PostgreSQL server', async () => {
  const embedded = await TestDatabase.open();
  const server = await startPostgres();
  try {
    const onServer = await TestDatabase.open(await server.createDatabase('schema'));
    try {
      await embedded.step('migrate');
      await onServer.step('migrate');
      expect(await onServer.dump()).toEqual(await embedded.dump());
      expect(await onServer.step('drift')).toEqual([]);
    } finally {
      await onServer.close();
    }
  } finally {
    await server.stop();
    await embedded.close();
  }
});
