/** The engine behind a double of a server: it runs what the double has translated, one statement at a time each. */
import { type DuckDBConnection, DuckDBInstance, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';

export interface BehindColumn {
  name: string;
  type: DuckDBType;
}

export class DuckDbBehind {
  private constructor(private readonly instance: DuckDBInstance) {}

  static async open(setup: readonly string[]): Promise<DuckDbBehind> {
    const instance = await DuckDBInstance.create(':memory:', { threads: '1' });
    const behind = new DuckDbBehind(instance);
    await behind.use(async (connection) => {
      for (const sql of setup) await connection.run(sql);
    });
    return behind;
  }

  /** Gives the columns first and then pieces of rows, until the signal aborts. */
  async run(
    sql: string,
    signal: AbortSignal,
    onColumns: (columns: BehindColumn[]) => void,
    onRows: (rows: DuckDBValue[][]) => Promise<void>,
  ): Promise<void> {
    await this.use(async (connection) => {
      const interrupt = setInterval(() => {
        if (signal.aborted) connection.interrupt();
      }, 20);
      try {
        const result = await connection.stream(sql);
        const types = result.columnTypes();
        onColumns(
          result.columnNames().map((name, index) => {
            const type = types[index];
            if (!type) throw new Error('A column has no type.');
            return { name, type };
          }),
        );
        for (;;) {
          signal.throwIfAborted();
          const chunk = await result.fetchChunk();
          if (!chunk || chunk.rowCount === 0) return;
          await onRows(chunk.getRows());
        }
      } finally {
        clearInterval(interrupt);
      }
    });
  }

  /** All rows of a short statement. */
  async rows(sql: string): Promise<DuckDBValue[][]> {
    return this.use(async (connection) => (await connection.runAndReadAll(sql)).getRows());
  }

  close(): void {
    this.instance.closeSync();
  }

  private async use<T>(work: (connection: DuckDBConnection) => Promise<T>): Promise<T> {
    const connection = await this.instance.connect();
    try {
      return await work(connection);
    } finally {
      connection.closeSync();
    }
  }
}
