import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { RowsDto, RowsQuery } from '../data-sources/index.js';
import {
  AskService,
  isUnfinished,
  type Patience,
  QueriesService,
  type Query,
  QueryAnswers,
  type QueryDto,
  ResultsService,
} from '../queries/index.js';
import { ASKS, READS, tool, type Tool, type ToolCall } from './tool.js';
import { cursor, id, limit } from './tool-inputs.js';

/** Within the time that clients wait for a tool, which is often a minute. */
const WAIT_MS = 30_000;
const ROWS = 50;

const maxRows = z.number().int().min(1).max(100_000_000).optional().describe('Rows to keep, at most.');

/** Asking and running SQL, through the one guarded path, and taking the results. */
@Injectable()
export class QueryTools {
  constructor(
    private readonly asking: AskService,
    private readonly queries: QueriesService,
    private readonly answers: QueryAnswers,
    private readonly results: ResultsService,
  ) {}

  all(): Tool[] {
    return [this.ask(), this.answer(), this.runSql(), this.result()];
  }

  private ask(): Tool {
    return tool({
      name: 'ask_question',
      title: 'Ask a question',
      description:
        'Asks a data source a question in plain language. Gives the SQL and the first rows; or status needs_clarification with ' +
        'options to choose from, or unanswerable with the reason. `next` says what to do then.',
      permission: 'queries:write',
      annotations: ASKS,
      input: {
        data_source_id: id('From list_data_sources.'),
        question: z.string().min(1).max(10_000).describe('For example: Total revenue per month in 2025.'),
        previous_query_id: id('A query that this one goes on from: “and by month?”, “only Germany”.').optional(),
        max_rows: maxRows,
      },
      run: async ({ data_source_id, question, previous_query_id, max_rows }, call) => {
        const request = { data_source_id, question, ...given({ previous_query_id, max_rows }) };
        return this.tell(await this.asking.ask(request, call.caller, patience(call)), call);
      },
    });
  }

  private answer(): Tool {
    return tool({
      name: 'answer_clarification',
      title: 'Answer a clarification',
      description:
        'Answers what a query asked back, by the value of one of its options or in words; the query goes on from there.',
      permission: 'queries:write',
      annotations: ASKS,
      input: {
        query_id: id('The query that needs clarification.'),
        option: z.string().min(1).max(1000).optional().describe('The value of the option.'),
        text: z.string().min(1).max(1000).optional().describe('Words, where no option fits.'),
      },
      run: async ({ query_id: queryId, option, text }, call) => {
        const answer = given({ option, text });
        return this.tell(await this.asking.answer(queryId, answer, call.caller, patience(call)), call);
      },
    });
  }

  private runSql(): Tool {
    return tool({
      name: 'run_sql',
      title: 'Run SQL',
      description:
        'Runs one SELECT statement over a data source. Anything that does more than read is refused. Describe the source first. ' +
        'Prefer ask_question where a question will do: its answer says how it was read.',
      permission: 'queries:write',
      annotations: ASKS,
      input: {
        data_source_id: id('From list_data_sources.'),
        sql: z
          .string()
          .min(1)
          .max(100_000)
          .describe('One SELECT statement in the dialect of the source; DuckDB for files.'),
        max_rows: maxRows,
      },
      run: async ({ data_source_id, sql, max_rows }, call) => {
        const request = { data_source_id, sql, ...given({ max_rows }) };
        return this.tell(await this.asking.ask(request, call.caller, patience(call)), call);
      },
    });
  }

  private result(): Tool {
    return tool({
      name: 'get_result',
      title: 'Get a result',
      description: 'Rows of a query that has succeeded, page by page; for a query that still runs, how it stands.',
      permission: 'queries:read',
      annotations: READS,
      input: { query_id: id('From ask_question or run_sql.'), limit: limit(ROWS), cursor },
      run: async ({ query_id: queryId, limit: most, cursor: from }, { caller, signal }) => {
        const query = await this.queries.get(queryId, caller, 'see');
        if (isUnfinished(query)) return { query_id: queryId, status: query.status, next: AGAIN };
        const offset = RowsQuery.offsetOf({ limit: most, ...given({ cursor: from }) });
        const page = await this.results.page(queryId, offset, most, caller, signal);
        return { query_id: queryId, status: query.status, ...RowsDto.from(page, offset, page.rowCount) };
      },
    });
  }

  private async tell(query: Query, { caller, signal }: ToolCall): Promise<object> {
    return summaryOf(await this.answers.tell(query, caller, signal));
  }
}

const AGAIN = 'Still running: call get_result with this query_id in a few seconds.';

/** What to do next, for a program that has nothing but the answer. */
function nextOf({ id: queryId, status, row_count: rowCount, rows }: QueryDto): string | null {
  switch (status) {
    case 'needs_clarification':
      return `Ask the person which option is meant, then call answer_clarification with query_id ${queryId}. Do not choose for them.`;
    case 'unanswerable':
      return 'Tell the person why, or ask what describe_data_source shows to be there. Do not make up an answer.';
    case 'pending':
    case 'running':
      return AGAIN;
    default:
      return (rowCount ?? 0) > rows.length ? `Further rows: call get_result with query_id ${queryId}.` : null;
  }
}

function summaryOf(query: QueryDto): object {
  const { id: queryId, status, question, sql, dialect, columns, rows, row_count, truncated, confidence } = query;
  return {
    query_id: queryId,
    status,
    question,
    sql,
    dialect,
    columns,
    rows,
    row_count,
    truncated,
    confidence,
    reading: query.receipt?.paraphrase ?? null,
    rules_applied: query.receipt?.rules_applied ?? [],
    findings: query.findings.map(({ sentence }) => sentence),
    clarification: query.clarification,
    error: query.error,
    next: nextOf(query),
  };
}

function patience({ signal }: ToolCall): Patience {
  return { waitMs: WAIT_MS, disconnected: signal, fresh: false };
}

/** The fields that were given. */
function given<T extends Record<string, unknown>>(fields: T): { [K in keyof T]?: Exclude<T[K], undefined> } {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as {
    [K in keyof T]?: Exclude<T[K], undefined>;
  };
}
