import { Injectable } from '@nestjs/common';
import { UnitOfWork } from '../../platform/audit/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { DataSourcesService, dialectOf, SqlGuards } from '../data-sources/index.js';
import type { GiveFeedbackDto } from './dto/feedback.dto.js';
import { QueryFeedback } from './entities/query-feedback.entity.js';
import { questionKeyOf } from './knowledge/question-key.js';
import { QueriesService } from './queries.service.js';

/** What people think of answers: one opinion each, the last one. */
@Injectable()
export class FeedbackService {
  constructor(
    private readonly unitOfWork: UnitOfWork,
    private readonly queries: QueriesService,
    private readonly sources: DataSourcesService,
    private readonly guards: SqlGuards,
  ) {}

  /** @throws DomainError `not_found`; EngineError `sql_*` when the corrected SQL is not a harmless read of the source */
  async give(queryId: number, given: GiveFeedbackDto, caller: Principal): Promise<QueryFeedback> {
    const { userId } = caller;
    const { dataSourceId, naturalLanguage, previousState } = await this.queries.get(queryId, caller);
    // What goes on from another question means nothing by itself.
    const standsAlone = naturalLanguage !== null && (previousState?.turns.length ?? 0) === 0;
    const questionKey = standsAlone ? questionKeyOf(naturalLanguage) : null;
    const { rating, comment = null, corrected_sql: correctedSql = null } = given;
    if (correctedSql !== null) {
      const { source, tables } = await this.sources.open(dataSourceId, caller, 'use');
      await this.guards.check(correctedSql, dialectOf(source.type), tables);
    }
    return this.unitOfWork.run(async ({ manager, record }) => {
      await manager.query(GIVE, [queryId, userId, rating, comment, correctedSql, questionKey]);
      const feedback = await manager.findOneBy(QueryFeedback, { queryId, userId });
      // Removed since the caller was seen to have it.
      if (feedback === null) throw notFound('query');
      const after = { rating, comment, corrected_sql: correctedSql };
      record({ action: 'query.rated', objectId: queryId, after, details: { data_source_id: dataSourceId } });
      return feedback;
    });
  }
}

const GIVE = `
  INSERT INTO query_feedback (query_id, user_id, rating, comment, corrected_sql, question_key)
  SELECT id, $2::integer, $3::varchar, $4::text, $5::text, $6::char(64) FROM queries WHERE id = $1 FOR KEY SHARE
  ON CONFLICT (query_id, user_id) DO UPDATE
  SET rating = excluded.rating, comment = excluded.comment, corrected_sql = excluded.corrected_sql,
      question_key = excluded.question_key, updated_at = now()`;
