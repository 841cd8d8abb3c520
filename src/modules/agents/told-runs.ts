import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../platform/audit/index.js';
import type { Principal } from '../../platform/security/index.js';
import { ResultsService } from '../queries/index.js';
import type { AgentRun } from './entities/agent-run.entity.js';

/** Types of agents whose outputs tell nothing of rows. */
const TELL_NO_ROWS: ReadonlySet<string> = new Set(['sql', 'retrieval']);

/** A run as it may be told: `outdated` when what it came to was made of rows that may not be given out any more. */
export interface ToldRun {
  run: AgentRun;
  outdated: boolean;
}

/** What agents came to tells of rows, so it is given out only where the rows would be, and that is recorded. */
@Injectable()
export class ToldRuns {
  constructor(
    private readonly results: ResultsService,
    private readonly audit: AuditLog,
  ) {}

  /** @param runs with their agents */
  async of(runs: readonly AgentRun[], caller: Principal): Promise<ToldRun[]> {
    const queryIds = [...new Set(runs.filter(isOfRows).flatMap(({ queryId }) => queryId ?? []))];
    const current = await this.results.current(queryIds, caller);
    const told = runs.map((run) => ({ run, outdated: isOfRows(run) && !current.has(run.queryId ?? 0) }));
    const read = told.filter(({ run, outdated }) => isOfRows(run) && !outdated).map(({ run }) => run.id);
    if (read.length > 0) {
      await this.audit.record({ action: 'agent_run.read', objectId: null, details: { agent_runs: read } });
    }
    return told;
  }
}

function isOfRows({ agent, output }: AgentRun): boolean {
  return output !== null && !TELL_NO_ROWS.has(agent.type);
}
