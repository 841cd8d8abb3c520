import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { GlossaryTerm } from '../../../engine/text-to-sql/index.js';
import type { Query } from '../entities/query.entity.js';
import { questionKeyOf } from './question-key.js';

/** A question with the SQL that a person found right for it. */
export interface TaughtAnswer {
  question: string;
  sql: string;
  description: string | null;
  /** The verified query; null for a correction. */
  verifiedQueryId: number | null;
  /** The query that was corrected; null for a verified query. */
  correctedQueryId: number | null;
}

/** What people taught about a source, as it counts for one of them. */
export interface SourceKnowledge {
  glossary: GlossaryTerm[];
  /** Those of the asker's own first, then the newest. */
  taught: TaughtAnswer[];
  /** Options that the asker has chosen, the last one first. */
  choices: string[];
  /** The asker's own, as a BCP 47 tag: it decides where the words of a question belong to two languages. */
  locale: string | null;
}

type Asked = Pick<Query, 'userId' | 'dataSourceId'>;

/**
 * What people taught about a source: verified queries and the glossary, which count for everybody who may see the source,
 * and corrections and answers to what was asked back, which count for the one who gave them.
 */
@Injectable()
export class TaughtAnswers {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** What answers the very question, the asker's own correction before a verified query; null when there is nothing. */
  async find({ userId, dataSourceId }: Asked, question: string): Promise<TaughtAnswer | null> {
    const rows: TaughtAnswer[] = await this.dataSource.query(FIND, [userId, dataSourceId, questionKeyOf(question)]);
    return rows[0] ?? null;
  }

  /** What other questions about the source may be answered by. */
  async of({ userId, dataSourceId }: Asked): Promise<SourceKnowledge> {
    const rows: SourceKnowledge[] = await this.dataSource.query(KNOWLEDGE, [userId, dataSourceId]);
    return rows[0] ?? { glossary: [], taught: [], choices: [], locale: null };
  }

  /** The terms of the glossary alone, besides who asks. */
  async glossary({ userId, dataSourceId }: Asked): Promise<SourceKnowledge> {
    const { glossary, locale } = await this.of({ userId, dataSourceId });
    return { glossary, taught: [], choices: [], locale };
  }
}

const CORRECTIONS = `
  SELECT query.natural_language AS question, feedback.corrected_sql AS sql, NULL::varchar AS description,
         NULL::integer AS "verifiedQueryId", query.id AS "correctedQueryId", 1 AS rank, feedback.updated_at AS moment
  FROM query_feedback feedback JOIN queries query ON query.id = feedback.query_id
  WHERE feedback.user_id = $1 AND query.data_source_id = $2 AND feedback.corrected_sql <> '' AND feedback.question_key`;

const VERIFIED = `
  SELECT question, sql, description, id AS "verifiedQueryId", NULL::integer AS "correctedQueryId", 2 AS rank,
         updated_at AS moment
  FROM verified_queries WHERE data_source_id = $2 AND is_active AND question_key`;

const FIND = `
  SELECT question, sql, description, "verifiedQueryId", "correctedQueryId"
  FROM (${CORRECTIONS} = $3 UNION ALL ${VERIFIED} = $3) AS known
  ORDER BY rank, moment DESC LIMIT 1`;

/** No more of each than a question can be compared with in a moment: the newest. */
const KNOWLEDGE = `
  SELECT
    (SELECT coalesce(json_agg(json_build_object('term', term, 'formula', formula) ORDER BY local, lower(term)), '[]')
     FROM (SELECT DISTINCT ON (lower(term)) term, formula, data_source_id IS NULL AS local FROM business_glossary
           WHERE (data_source_id = $2 OR data_source_id IS NULL) AND formula IS NOT NULL
           ORDER BY lower(term), data_source_id NULLS LAST LIMIT 500) AS terms) AS glossary,
    (SELECT coalesce(json_agg(row_to_json(known) ORDER BY known.rank, known.moment DESC), '[]')
     FROM ((${CORRECTIONS} IS NOT NULL ORDER BY feedback.updated_at DESC LIMIT 100)
           UNION ALL (${VERIFIED} IS NOT NULL ORDER BY id DESC LIMIT 200)) AS known) AS taught,
    (SELECT coalesce(json_agg(chosen.choice), '[]')
     FROM (SELECT choice FROM (SELECT id, choices FROM queries
             WHERE user_id = $1 AND data_source_id = $2 AND choices <> '[]' ORDER BY id DESC LIMIT 100) AS answered,
           jsonb_array_elements_text(answered.choices) WITH ORDINALITY AS option (choice, nth)
           ORDER BY answered.id DESC, nth DESC) AS chosen) AS choices,
    (SELECT locale FROM users WHERE id = $1) AS locale`;
