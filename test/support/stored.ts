/** What is stored, seen past the API. */
import pg from 'pg';

/** Written by the server on the side, a while after what was done. */
const WRITTEN_ON_THE_SIDE = ['usage_costs'];
/** Changes by itself whenever somebody signs in or uses a key. */
const NOTED_IN_PASSING = ['last_used_at', 'last_login_at', 'updated_at'];

export class Stored {
  private constructor(private readonly client: pg.Client) {}

  /** The database of the server that all tests share. */
  static open(): Promise<Stored> {
    const url = process.env['TEST_DATABASE_URL'];
    return url === undefined ? Stored.embedded(process.env['LUMIERE_TEST_DATA_DIR'] ?? '') : Stored.at(url);
  }

  /** The database that a server keeps in its data directory. */
  static embedded(dataDir: string): Promise<Stored> {
    return Stored.at(`postgresql://postgres@localhost:5432/postgres?host=${encodeURIComponent(dataDir)}`);
  }

  private static async at(url: string): Promise<Stored> {
    const client = new pg.Client(url);
    await client.connect();
    return new Stored(client);
  }

  async rows<T extends pg.QueryResultRow>(sql: string, values: unknown[] = []): Promise<T[]> {
    return (await this.client.query<T>(sql, values)).rows;
  }

  /** Every row that says it is somebody's, their account first: one line of JSON each, in a stable order. */
  async belongingsOf(userId: number): Promise<string[]> {
    const columns = await this.rows<{ table: string; column: string }>(
      `
      SELECT conrelid::regclass::text AS table, attname AS column
      FROM pg_constraint JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY(conkey)
      WHERE contype = 'f' AND confrelid = 'users'::regclass AND conrelid::regclass::text <> ALL ($1)
      ORDER BY 1, 2`,
      [WRITTEN_ON_THE_SIDE],
    );
    const lines: string[] = [];
    for (const { table, column } of [{ table: 'users', column: 'id' }, ...columns]) {
      const found = await this.rows<{ line: string }>(
        `SELECT (to_jsonb(one) - $2::text[])::text AS line FROM ${table} AS one WHERE ${column} = $1 ORDER BY 1`,
        [userId, NOTED_IN_PASSING],
      );
      lines.push(...found.map(({ line }) => `${table} ${line}`));
    }
    return lines;
  }

  /** The tables with a row that holds the text anywhere in it. */
  async tablesHolding(text: string): Promise<string[]> {
    const tables = await this.rows<{ name: string }>(
      `SELECT oid::regclass::text AS name FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace`,
    );
    const holding: string[] = [];
    for (const { name } of tables) {
      const found = await this.rows(`SELECT 1 FROM ${name} AS one WHERE strpos(one::text, $1) > 0 LIMIT 1`, [text]);
      if (found.length > 0) holding.push(name);
    }
    return holding;
  }

  async close(): Promise<void> {
    await this.client.end();
  }
}
