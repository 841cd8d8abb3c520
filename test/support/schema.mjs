/**
 * TypeORM over one database, in a process of its own, because Jest on Node 20 cannot load it. The parent sends the name of
 * a step and gets `{ result }` or `{ error }`; the database is the one of the environment, as for the server.
 */
const built = (/** @type {string} */ path) => import(new URL(`../../dist/${path}`, import.meta.url).href);

/** @type {{ default: import('typeorm').DataSource }} */
const { default: dataSource } = await built('ormconfig.js');
/** @type {{ migrations: (new () => import('typeorm').MigrationInterface)[] }} */
const { migrations } = await built('migrations/index.js');

await dataSource.initialize();

/** @param {number} count */
function keepMigrations(count) {
  dataSource.migrations.splice(0, Infinity, ...migrations.slice(0, count).map((Migration) => new Migration()));
}

/** @type {Record<string, (count: number) => Promise<unknown>>} */
const steps = {
  /** Names of all migrations, oldest first. */
  list: async () => migrations.map((Migration) => Migration.name),
  /** Runs the first `count` migrations, or those of them that have not run. */
  migrate: async (count) => {
    keepMigrations(count);
    const done = await dataSource.runMigrations({ transaction: 'each' });
    return done.map((migration) => migration.name);
  },
  revert: async () => {
    keepMigrations(migrations.length);
    await dataSource.undoLastMigration({ transaction: 'all' });
  },
  /** What the entities would change in the database as it is. */
  drift: async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    return upQueries.map(({ query }) => query);
  },
  /** Makes the tables straight from the entities, as no installation ever does. */
  build: async () => dataSource.synchronize(),
  /** Indexes that entities name and only migrations make. */
  handmade: async () =>
    dataSource.entityMetadatas.flatMap(({ indices }) =>
      indices.filter(({ synchronize }) => synchronize === false).map(({ name }) => name),
    ),
};

/** @param {{ step: string, count?: number }} request */
async function answer({ step, count }) {
  try {
    const result = await steps[step]?.(count ?? migrations.length);
    process.send?.({ result });
  } catch (error) {
    process.send?.({ error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
  }
}

process.on('message', (/** @type {{ step: string, count?: number }} */ request) => void answer(request));
process.once('disconnect', () => void dataSource.destroy());
process.send?.({ result: 'ready' });
