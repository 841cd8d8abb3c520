import { Injectable } from '@nestjs/common';
import type { ObjectLiteral, SelectQueryBuilder } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { isForKey } from '../data-sources/index.js';

/** Who may see runs of agents: whoever started them, and their API key if it is for the source that the run is about. */
@Injectable()
export class AgentRunPolicy {
  restrict<T extends ObjectLiteral>(runs: SelectQueryBuilder<T>, caller: Principal): SelectQueryBuilder<T> {
    runs.andWhere(`${runs.alias}.userId = :callerId`, { callerId: caller.userId });
    if (caller.dataSourceIds === null) return runs;
    return runs.andWhere(isForKey(`${runs.alias}.dataSourceId`), { allowedSourceIds: caller.dataSourceIds });
  }
}
