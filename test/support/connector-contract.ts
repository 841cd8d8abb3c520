/** What every connector to a remote engine promises. Each engine is put through it with a fixture of its own. */
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { Catalog, ColumnType } from '../../src/engine/catalog/catalog.js';
import type { CellValue } from '../../src/engine/charts/contract.js';
import type { Connector, RunLimits, RunSummary } from '../../src/engine/connectors/connector.js';
import { type EngineBounds, readPage } from '../../src/engine/connectors/duckdb/index.js';
import type { AddressPolicy } from '../../src/engine/connectors/remote/address-policy.js';
import type { SourceAddress } from '../../src/engine/connectors/remote/source-address.js';
import { EngineError } from '../../src/engine/errors.js';

/** A value of the engine and what it must be in a page. */
export interface TypeCase {
  /** An expression of the engine. */
  sql: string;
  type: ColumnType;
  value: CellValue;
}

export interface ContractSource {
  /**
   * Where a server is that holds:
   *
   * - `customers` (id, primary key; name; city, one of three), with the description “People who buy”, of 3 rows
   * - `orders` (id, primary key; customer_id, a foreign key; amount, a decimal of 10 digits and 2), of 1,000 rows
   * - the view `big_orders`
   */
  address: SourceAddress;
  /** How many statements of Lumiere the source is running now, other than this question itself. */
  running(): Promise<number>;
  /** Ends the sessions of Lumiere at the source, as an administrator would. */
  endSessions(): Promise<void>;
  stop(): Promise<void>;
}

export interface ContractEngine {
  name: string;
  start(): Promise<ContractSource>;
  connect(source: { address: SourceAddress; policy: AddressPolicy; bounds: EngineBounds }): Connector;
  types: readonly TypeCase[];
  /** What statements have to put before the name of a table, where they find none by its name alone. */
  schema?: string;
  /** Where keys come from: the source declares them, or values are looked at, or nobody knows of any. */
  keys?: 'declared' | 'inferred' | 'none';
  /** What of the address is changed for the source to refuse it; a user that there is not, unless said otherwise. */
  refused?: Partial<SourceAddress>;
  /** A query of `count` numbered rows from 1. */
  numbers(count: number): string;
  /** A query that takes so many seconds at the source and gives one row. */
  sleep(seconds: number): string;
  /** A query that gives endlessly many rows, slowly enough to be interrupted in mid-stream. */
  endless: string;
}

export const LOCAL: AddressPolicy = { allowLoopback: true, allowPrivate: false };

/** A place for results, and what one run leaves there. */
export class Workspace {
  private runs = 0;

  private constructor(
    readonly folder: string,
    readonly bounds: EngineBounds,
  ) {}

  static async open(): Promise<Workspace> {
    const folder = await mkdtemp(join(tmpdir(), 'lumiere-remote-'));
    return new Workspace(folder, {
      maxMemoryBytes: 200_000_000,
      threads: 1,
      maxSpillBytes: 1_000_000_000,
      scratchDirectory: folder,
    });
  }

  async run(
    connector: Connector,
    sql: string,
    { signal, ...changes }: Partial<RunLimits> & { signal?: AbortSignal } = {},
  ): Promise<RunSummary & { file: string; pageRows: CellValue[][] }> {
    const file = join(this.folder, `result-${(this.runs += 1)}.parquet`);
    const limits = { maxRows: 10_000, maxResultBytes: 100_000_000, maxMemoryBytes: 200_000_000, timeoutMs: 20_000 };
    const never = new AbortController().signal;
    const request = { sql, resultFile: file, limits: { ...limits, ...changes }, firstRows: 100 };
    const summary = await connector.run({ ...request, signal: signal ?? never });
    const page = await readPage({ file, offset: 0, limit: 100, bounds: this.bounds, signal: never });
    expect(page.rows).toEqual(summary.rows);
    expect(page.columns).toEqual(summary.columns);
    return { ...summary, file, pageRows: page.rows };
  }

  /** The code with which a run fails, after which there is nothing left of it. */
  async failure(
    connector: Connector,
    sql: string,
    changes: Partial<RunLimits> & { signal?: AbortSignal } = {},
  ): Promise<string> {
    const before = await readdir(this.folder);
    const code = await codeOf(this.run(connector, sql, changes));
    expect(await readdir(this.folder)).toEqual(before);
    return code;
  }

  close(): Promise<void> {
    return rm(this.folder, { recursive: true, force: true });
  }
}

/** The code of the error that something ends with. */
export async function codeOf(work: Promise<unknown>): Promise<string> {
  try {
    await work;
  } catch (error) {
    if (error instanceof EngineError) return error.code;
    throw error;
  }
  throw new Error('It should have failed.');
}

/** Puts an engine through the contract. */
export function connectorContract(engine: ContractEngine): void {
  describe(`the ${engine.name} connector`, () => {
    let source: ContractSource;
    let workspace: Workspace;
    let connector: Connector;
    const { schema = '' } = engine;

    beforeAll(async () => {
      source = await engine.start();
      workspace = await Workspace.open();
      connector = connect();
    }, 60_000);
    afterAll(async () => {
      await connector?.close();
      await workspace?.close();
      await source?.stop();
    });

    const connect = (changes: Partial<SourceAddress> = {}, policy = LOCAL): Connector =>
      engine.connect({ address: { ...source.address, ...changes }, policy, bounds: workspace.bounds });

    /** Waits until the source runs exactly so many statements of Lumiere. */
    const whenRunning = async (count: number): Promise<void> => {
      const deadline = Date.now() + 10_000;
      while ((await source.running()) !== count) {
        if (Date.now() > deadline) throw new Error(`The source does not run ${count} statements.`);
        await new Promise((resolve) => setTimeout(resolve, 25));
      }
    };

    it('says which version answers', async () => {
      expect(await connector.test()).toEqual({
        ok: true,
        latencyMs: expect.any(Number) as unknown as number,
        serverVersion: expect.stringMatching(/\d/) as unknown as string,
      });
    });

    it('tells tables, views, types, descriptions, keys and row counts', async () => {
      const catalog: Catalog = await connector.introspect();
      const customers = catalog.tables.find(({ name }) => name === 'customers');
      const orders = catalog.tables.find(({ name }) => name === 'orders');
      const { keys = 'declared' } = engine;
      const primaryKey = keys === 'none' ? [] : ['id'];
      expect(customers).toMatchObject({ description: 'People who buy', primaryKey, rowCount: 3 });
      expect(orders).toMatchObject({ primaryKey, rowCount: 1000 });
      expect(orders?.columns.map(({ name, type }) => [name, type])).toEqual([
        ['id', 'integer'],
        ['customer_id', 'integer'],
        ['amount', 'decimal'],
      ]);
      expect(catalog.tables.map(({ name }) => name)).toContain('big_orders');
      const found = { from: { table: 'orders', column: 'customer_id' }, to: { table: 'customers', column: 'id' } };
      const sure = {
        declared: { origin: 'declared', confidence: 1 },
        inferred: { origin: 'inferred', confidence: 0.95 },
      };
      expect(catalog.relationships).toEqual(keys === 'none' ? [] : [{ ...found, ...sure[keys] }]);
    });

    it('knows the values of a text column that has few', async () => {
      const { tables } = await connector.introspect();
      const city = tables.find(({ name }) => name === 'customers')?.columns.find(({ name }) => name === 'city');
      expect(city?.values).toEqual(['Bergen', 'Oslo', 'Paris']);
    });

    it.each(engine.types)('stores $sql as $type without loss', async ({ sql, type, value }) => {
      const { columns, pageRows } = await workspace.run(connector, `SELECT ${sql} AS cell`);
      expect(columns).toEqual([{ name: 'cell', type }]);
      expect(pageRows).toEqual([[value]]);
    });

    it('stores a result without rows, with its columns', async () => {
      const { columns, rowCount, truncated } = await workspace.run(
        connector,
        `SELECT id, city FROM ${schema}customers WHERE id < 0`,
      );
      expect({ columns, rowCount, truncated }).toEqual({
        columns: [
          { name: 'id', type: 'integer' },
          { name: 'city', type: 'text' },
        ],
        rowCount: 0,
        truncated: false,
      });
    });

    it('makes names that are equal or missing different', async () => {
      const { columns } = await workspace.run(connector, `SELECT id, id, id AS "ID" FROM ${schema}customers`);
      expect(columns.map(({ name }) => name)).toEqual(['id', 'id_1', 'ID_2']);
    });

    it('keeps the order of the rows, in a small result and in a large one', async () => {
      for (const count of [3, 400_000]) {
        const { rowCount, file } = await workspace.run(connector, engine.numbers(count), { maxRows: count });
        expect(rowCount).toBe(count);
        const { bounds } = workspace;
        const signal = new AbortController().signal;
        const last = await readPage({ file, offset: count - 1, limit: 1, bounds, signal });
        expect(last.rows[0]?.[0]).toBe(count);
      }
    });

    it.each([
      [999, true],
      [1000, false],
      [1001, false],
    ])('cuts 1,000 rows at %i and says so: %s', async (maxRows, truncated) => {
      const result = await workspace.run(connector, engine.numbers(1000), { maxRows });
      expect(result).toMatchObject({ rowCount: Math.min(maxRows, 1000), truncated });
    });

    it('ends a result that is larger than allowed', async () => {
      const code = await workspace.failure(connector, engine.numbers(400_000), {
        maxRows: 400_000,
        maxResultBytes: 100,
      });
      expect(code).toBe('query_result_too_large');
    });

    it('ends a query that takes too long, at the source too', async () => {
      expect(await workspace.failure(connector, engine.sleep(20), { timeoutMs: 700 })).toBe('query_timeout');
      await whenRunning(0);
    });

    it('ends a query that is cancelled, at the source too, however often it is cancelled', async () => {
      const abort = new AbortController();
      const failed = workspace.failure(connector, engine.sleep(20), { signal: abort.signal });
      await whenRunning(1);
      abort.abort();
      abort.abort();
      expect(await failed).toBe('query_cancelled');
      await whenRunning(0);
    });

    it('ends a query that is cancelled while its rows arrive', async () => {
      const abort = new AbortController();
      const failed = workspace.failure(connector, engine.endless, { signal: abort.signal, maxRows: 1e9 });
      await whenRunning(1);
      await new Promise((resolve) => setTimeout(resolve, 500));
      abort.abort();
      expect(await failed).toBe('query_cancelled');
      await whenRunning(0);
    });

    it('asks nothing of the source for a query that is cancelled before it starts', async () => {
      const signal = AbortSignal.abort();
      expect(await workspace.failure(connector, engine.sleep(20), { signal })).toBe('query_cancelled');
      expect(await source.running()).toBe(0);
    });

    it('tells that a source has gone in mid-stream', async () => {
      const failed = workspace.failure(connector, engine.endless, { maxRows: 1e9 });
      await whenRunning(1);
      await source.endSessions();
      expect(await failed).toBe('source_lost');
    });

    it('ends what is running when it is closed', async () => {
      const closing = connect();
      const failed = workspace.failure(closing, engine.sleep(20));
      await whenRunning(1);
      await closing.close();
      await closing.close();
      expect(await failed).toBe('query_cancelled');
      await whenRunning(0);
    });

    it('refuses statements that change something, or are more than one', async () => {
      for (const sql of [
        `DELETE FROM ${schema}orders`,
        `DROP TABLE ${schema}orders`,
        `SELECT 1; DROP TABLE ${schema}orders`,
      ]) {
        expect(await workspace.failure(connector, sql)).toBe('query_failed');
      }
      const { pageRows } = await workspace.run(connector, `SELECT count(*) FROM ${schema}orders`);
      expect(pageRows).toEqual([[1000]]);
    });

    it('says what a statement is expected to cost', async () => {
      const estimate = await connector.estimate?.(`SELECT * FROM ${schema}orders`);
      expect(estimate?.rows).toBeGreaterThan(100);
      expect(estimate?.cost).toBeGreaterThan(0);
    });

    it('tells a wrong password from a host that is not there', async () => {
      expect(await codeOf(connect(engine.refused ?? { username: 'nobody_here' }).test())).toBe('source_refused');
      expect(await codeOf(connect({ host: 'nowhere.invalid' }).test())).toBe('source_unreachable');
      expect(await codeOf(connect({ port: 1 }).test())).toBe('source_unreachable');
    });

    it('connects to this machine only if the policy allows it', async () => {
      const strict = { allowLoopback: false, allowPrivate: false };
      expect(await codeOf(connect({}, strict).test())).toBe('source_address_not_allowed');
      expect(await codeOf(connect({ host: 'localhost' }, strict).test())).toBe('source_address_not_allowed');
      expect((await connect({ host: 'localhost' }).test()).ok).toBe(true);
    });

    it('refuses options that are not on the list', async () => {
      const options = { application_name: 'x' };
      expect(await codeOf(connect({ options }).test())).toBe('source_option_not_allowed');
    });

    it('leaves nothing but results behind', async () => {
      expect((await readdir(workspace.folder)).filter((name) => !/^result-\d+\.parquet$/.test(name))).toEqual([]);
      expect(existsSync(workspace.folder)).toBe(true);
    });
  });
}
