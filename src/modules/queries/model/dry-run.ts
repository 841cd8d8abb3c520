import { Injectable } from '@nestjs/common';
import type { GuardedStatement } from '../../../engine/sql/index.js';
import {
  ConnectorsService,
  type OpenedTable,
  SourceAvailability,
  SourceTurns,
  SqlGuards,
} from '../../data-sources/index.js';
import type { Planning } from '../planning.js';
import { type Opened, StatementRuns } from '../statement-runs.js';

const TIMEOUT_MS = 10_000;

/** Has the engine of a source look at a statement without computing its result: it finds what the guard cannot, such as wrong types. */
@Injectable()
export class DryRun {
  constructor(
    private readonly guards: SqlGuards,
    private readonly statements: StatementRuns,
    private readonly connectors: ConnectorsService,
    private readonly turns: SourceTurns,
    private readonly availability: SourceAvailability,
  ) {}

  /** @throws EngineError `query_failed` when the statement cannot run; as the source says; DomainError `overloaded`, `source_unavailable` */
  async try(
    { userId, dataSourceId, engine }: Pick<Planning, 'userId' | 'dataSourceId' | 'engine'>,
    sql: string,
    statement: GuardedStatement,
    opened: Opened & { tables: OpenedTable[] },
    signal: AbortSignal,
  ): Promise<void> {
    const { source, tables } = opened;
    // Its parts would have to be fetched first.
    if (source.type === 'combined') return;
    const claim = { userId, sourceId: dataSourceId };
    if (source.type === 'file') {
      const none = await this.guards.check(`SELECT * FROM (${sql}\n) AS proposal LIMIT 0`, engine, tables);
      const limits = { maxRows: 1, timeoutMs: TIMEOUT_MS };
      await this.turns.take(claim, signal, (stopped) =>
        this.statements.run(
          none,
          opened,
          limits,
          { signal: stopped, progress: () => undefined },
          async () => undefined,
        ),
      );
      return;
    }
    await this.turns.take(claim, signal, async (stopped) => {
      const connector = await this.connectors.open(source, tables);
      try {
        const { estimate } = connector;
        if (estimate === undefined) return;
        await this.availability.reach(source, connector, stopped, () =>
          estimate.call(connector, statement.sql, stopped, statement),
        );
      } finally {
        await connector.close();
      }
    });
  }
}
