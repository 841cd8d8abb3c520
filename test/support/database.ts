/** Databases for tests of the schema: TypeORM in a child process on one side, plain `pg` on the other. */
import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';

type Step = 'list' | 'migrate' | 'revert' | 'drift' | 'build' | 'handmade';

/** What a database consists of: for each kind of thing, one line per thing, sorted. */
export type SchemaDump = Record<
  'columns' | 'constraints' | 'indexes' | 'sequences' | 'triggers' | 'functions',
  string[]
>;

const SCRIPT = join(import.meta.dirname, 'schema.mjs');

export class TestDatabase {
  private constructor(
    private readonly child: ChildProcess,
    private readonly client: pg.Client,
    private readonly directory: string,
  ) {}

  /** @param url of an empty database; left out for a new embedded one */
  static async open(url?: string): Promise<TestDatabase> {
    const directory = await mkdtemp(join(tmpdir(), 'lumiere-schema-'));
    const child = fork(SCRIPT, {
      env: { PATH: process.env['PATH'], NODE_ENV: 'test', DATABASE_URL: url ?? '', LUMIERE_DATA_DIR: directory },
      execArgv: ['--no-warnings'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    await answerOf(child);
    const client = new pg.Client(
      url === undefined ? { host: directory, port: 5432, user: 'postgres', database: 'postgres' } : url,
    );
    await client.connect();
    return new TestDatabase(child, client, directory);
  }

  async step<T = string[]>(step: Step, count?: number): Promise<T> {
    this.child.send(count === undefined ? { step } : { step, count });
    return (await answerOf(this.child)) as T;
  }

  async rows<T extends pg.QueryResultRow>(sql: string): Promise<T[]> {
    return (await this.client.query<T>(sql)).rows;
  }

  /** Everything in the schema `public` but the table that keeps count of the migrations. */
  async dump(): Promise<SchemaDump> {
    const lines = async (sql: string) => (await this.rows<{ line: string }>(sql)).map(({ line }) => line).sort();
    const ours = `n.nspname = 'public' AND c.relname NOT LIKE 'migrations%'`;
    return {
      columns: await lines(`
        SELECT concat_ws(' ', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull, a.attidentity,
                         pg_get_expr(d.adbin, d.adrelid)) AS line
        FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
        LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
        WHERE ${ours} AND c.relkind = 'r'`),
      // From version 18 on, PostgreSQL lists NOT NULL as constraints too; the columns tell it already.
      constraints: await lines(`
        SELECT concat_ws(' ', c.relname, k.conname, pg_get_constraintdef(k.oid)) AS line
        FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE ${ours} AND k.contype <> 'n'`),
      indexes: await lines(`
        SELECT pg_get_indexdef(i.indexrelid) AS line
        FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE ${ours}`),
      sequences: await lines(`
        SELECT c.relname AS line FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE ${ours} AND c.relkind = 'S'`),
      triggers: await lines(`
        SELECT pg_get_triggerdef(t.oid) AS line
        FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE ${ours} AND NOT t.tgisinternal`),
      functions: await lines(`
        SELECT pg_get_functiondef(p.oid) AS line
        FROM pg_proc p JOIN pg_namespace n ON n.oid = p.pronamespace
        WHERE n.nspname = 'public'`),
    };
  }

  /** Drops everything. */
  async empty(): Promise<void> {
    await this.client.query('DROP SCHEMA public CASCADE');
    await this.client.query('CREATE SCHEMA public');
  }

  async close(): Promise<void> {
    await this.client.end();
    const exited = once(this.child, 'exit');
    this.child.disconnect();
    await exited;
    await rm(this.directory, { recursive: true, force: true });
  }
}

async function answerOf(child: ChildProcess): Promise<unknown> {
  const gone = new AbortController();
  const ended = once(child, 'exit', { signal: gone.signal }).then(() => {
    throw new Error('The process that migrates has ended; its message is above.');
  });
  try {
    const [answer] = (await Promise.race([once(child, 'message'), ended])) as [{ result?: unknown; error?: string }];
    if (answer.error !== undefined) throw new Error(answer.error);
    return answer.result;
  } finally {
    gone.abort();
    await ended.catch(() => undefined);
  }
}
