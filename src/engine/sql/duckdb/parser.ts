/** DuckDB as a parser and a printer of statements. It holds no data and may touch nothing. */
import { DuckDBInstance, type DuckDBConnection, type DuckDBPreparedStatement } from '@duckdb/node-api';
import { EngineError } from '../../errors.js';
import { isObject } from './shape.js';
import { parseTree, printTree } from './tree-json.js';

const SERIALIZE = 'SELECT json_serialize_sql($1::VARCHAR)';
const PRINT = `
  WITH printed AS MATERIALIZED (SELECT json_deserialize_sql($1::JSON) AS sql)
  SELECT sql, json_serialize_sql(sql) FROM printed`;

/** A short text can have a large tree (`GROUP BY CUBE`, thousands of literals); beyond this it is refused. */
const MAX_TREE_LENGTH = 2_000_000;

/** What a text turned out to be. Trees are not checked yet. */
export type Parsed =
  | { kind: 'statements'; trees: unknown[] }
  /** Something that DuckDB does not serialise: not a SELECT, or several statements of which one is not. */
  | { kind: 'other' };

export class DuckDbParser {
  /** Prepared statements hold one set of values each, so calls take turns. */
  private turn: Promise<unknown> = Promise.resolve();

  private constructor(
    private readonly instance: DuckDBInstance,
    private readonly connection: DuckDBConnection,
    private readonly serialize: DuckDBPreparedStatement,
    private readonly print: DuckDBPreparedStatement,
  ) {}

  static async create(): Promise<DuckDbParser> {
    const instance = await DuckDBInstance.create(':memory:', {
      enable_external_access: 'false',
      autoload_known_extensions: 'false',
      autoinstall_known_extensions: 'false',
      allow_community_extensions: 'false',
      threads: '1',
      memory_limit: '512MB',
      // Half of DuckDB's default: no human nests this deep, and the walk over the tree recurses too.
      max_expression_depth: '500',
      lock_configuration: 'true',
    });
    const connection = await instance.connect();
    return new DuckDbParser(instance, connection, await connection.prepare(SERIALIZE), await connection.prepare(PRINT));
  }

  close(): void {
    this.connection.closeSync();
    this.instance.closeSync();
  }

  /**
   * Parses a text.
   *
   * @throws EngineError `sql_invalid` with DuckDB's own words, or `sql_too_large`
   */
  async parse(sql: string): Promise<Parsed> {
    const [json] = await this.run(this.serialize, sql);
    const reply = readReply(json);
    if (reply['error'] !== true) {
      const trees = reply['statements'];
      return { kind: 'statements', trees: Array.isArray(trees) ? trees : [] };
    }
    const reason = typeof reply['error_message'] === 'string' ? reply['error_message'] : 'the text cannot be parsed';
    if (reason.startsWith('Only SELECT statements')) return { kind: 'other' };
    if (reply['error_type'] === 'not implemented') {
      throw new EngineError('sql_construct_not_allowed', `DuckDB cannot read this statement: ${reason}.`);
    }
    if (reason.startsWith('Max expression depth')) throw tooDeep();
    throw new EngineError('sql_invalid', `This is not valid DuckDB SQL: ${reason}.`);
  }

  /**
   * Counts the statements in a text that {@link parse} could not give as trees.
   *
   * @throws EngineError `sql_invalid` when DuckDB cannot take the text apart
   */
  async countStatements(sql: string): Promise<number> {
    try {
      return (await this.inTurn(() => this.connection.extractStatements(sql))).count;
    } catch (cause) {
      throw new EngineError('sql_invalid', 'DuckDB does not know this statement. Write a SELECT.', { cause });
    }
  }

  /**
   * Prints a statement, and parses the print again so that the caller can compare.
   *
   * @throws EngineError `sql_construct_not_allowed` when DuckDB cannot print the tree or not read its own print
   */
  async printStatement(statement: unknown): Promise<{ sql: string; tree: unknown }> {
    const json = printTree({ error: false, statements: [statement] });
    const [sql, reparsed] = await this.run(this.print, json).catch((cause: unknown) => {
      throw unprintable(cause);
    });
    const trees = readReply(reparsed)['statements'];
    if (sql === undefined || !Array.isArray(trees) || trees.length !== 1) throw unprintable();
    return { sql, tree: trees[0] };
  }

  private async run(statement: DuckDBPreparedStatement, text: string): Promise<string[]> {
    const rows = await this.inTurn(async () => {
      statement.bindVarchar(1, text);
      return (await statement.runAndReadAll()).getRows();
    });
    return (rows[0] ?? []).map(String);
  }

  private inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
    const result = this.turn.then(work);
    this.turn = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }
}

function readReply(json: string | undefined): Record<string, unknown> {
  if (json === undefined) throw new EngineError('sql_invalid', 'The statement could not be parsed.');
  if (json.length > MAX_TREE_LENGTH) {
    throw new EngineError('sql_too_large', 'The statement has too many parts. Split it or shorten its lists.');
  }
  const reply = parseTree(json);
  return isObject(reply) ? reply : {};
}

function tooDeep(): EngineError {
  return new EngineError('sql_too_large', 'The statement is nested too deeply. Use CTEs or fewer nested expressions.');
}

/** The statement is fine to read, but what would run could not be proven to be the same. */
export function unprintable(cause?: unknown): EngineError {
  return new EngineError(
    'sql_construct_not_allowed',
    'The statement combines constructs that cannot be reproduced exactly. Simplify it, for example with a CTE.',
    { cause },
  );
}
