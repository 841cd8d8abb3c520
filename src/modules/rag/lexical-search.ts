import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { BM25 } from '../../engine/retrieval/bm25.js';
import { wordText } from '../../engine/retrieval/words.js';
import { placeOf } from './document.policy.js';
import type { RagDocument } from './entities/rag-document.entity.js';

export interface RankedPassage {
  id: number;
  documentId: number;
  score: number;
}

/** What one search may read. */
export interface SearchBudget {
  /** Passages that every word of the question is looked up in; among more of them, the rarest words pick out what is scored. */
  passages: number;
  /** Postings of the words that pick, unless the rarest one alone has more. */
  postings: number;
  /** Of what was picked, the passages that get what the other words add to their score. */
  completed: number;
}

const BUDGET: SearchBudget = { passages: 20_000, postings: 20_000, completed: 1000 };

/** A passage that was found, if any, and how many there are to be searched. */
type Row = { inAll: number } & ({ [key in keyof RankedPassage]: RankedPassage[key] } | { id: null });

/**
 * BM25 over the words of passages, in the database. What is searched is what the caller may see: the frequencies of words are
 * counted in there, so nobody learns from a score what is in the documents of others, and nobody waits for them.
 */
@Injectable()
export class LexicalSearch {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * @param documents those to search in, under the alias `document`
   * @returns at most `limit` passages, best first
   */
  async rank(
    query: string,
    documents: SelectQueryBuilder<RagDocument>,
    limit: number,
    budget: SearchBudget = BUDGET,
  ): Promise<RankedPassage[]> {
    const scope = documents
      .clone()
      .andWhere(`document.status = 'ready' AND document.chunksCount > 0`)
      .select(['document.id AS id', 'document.language AS language'])
      .addSelect(placeOf(documents.alias), 'place')
      .addSelect(['document.chunksCount AS chunks_count', 'document.wordsCount AS words_count']);
    const values = [wordText(query), BM25.k1, BM25.b, limit, budget.passages];
    const rows = await this.ask<Row>(scope, SCORE_ALL, values);
    if ((rows[0]?.inAll ?? 0) <= budget.passages) return rows.flatMap((row) => (row.id === null ? [] : [row]));
    return this.ask<RankedPassage>(scope, SCORE_PICKED, [...values, budget.postings, budget.completed]);
  }

  /** Which words of the texts are asked for, as a set to look them up in. */
  async wordsAskedFor(query: string, words: readonly string[], languages: readonly string[]): Promise<Set<string>> {
    const rows = await this.dataSource.query<{ word: string }[]>(ASKED_FOR, [words, languages, wordText(query)]);
    return new Set(rows.map(({ word }) => word));
  }

  /**
   * Runs a statement with the documents of the search as the table `scope`.
   *
   * @param statement with its own parameters as `:1`, `:2` …
   */
  private ask<T>(scope: SelectQueryBuilder<RagDocument>, statement: string, values: unknown[]): Promise<T[]> {
    const [documents, parameters] = scope.getQueryAndParameters();
    const numbered = statement.replace(/:(\d+)/g, (_, number: string) => `$${parameters.length + Number(number)}`);
    return this.dataSource.query<T[]>(`WITH scope AS MATERIALIZED (${documents}), ${numbered}`, [
      ...parameters,
      ...values,
    ]);
  }
}

const QUERY = 'CAST(:1 AS text)';
const K1 = 'CAST(:2 AS float8)';
const B = 'CAST(:3 AS float8)';
const LIMIT = 'CAST(:4 AS integer)';
const MOST_PASSAGES = 'CAST(:5 AS integer)';
const MOST_POSTINGS = 'CAST(:6 AS integer)';
const MOST_COMPLETED = 'CAST(:7 AS integer)';

/** What is asked for, whose documents it is looked for in, and how much that is. One word may have a stem in each language. */
const ASKED = `
  parts AS MATERIALIZED (
    SELECT place, language, sum(chunks_count) AS passages, sum(words_count) AS words FROM scope GROUP BY place, language
  ), places AS MATERIALIZED (
    SELECT DISTINCT place FROM parts
  ), collection AS MATERIALIZED (
    SELECT sum(passages)::float8 AS passages, sum(words)::float8 / sum(passages)::float8 AS average_length FROM parts
  ), asked AS MATERIALIZED (
    SELECT lexeme, max(cardinality(positions)) AS times
    FROM (SELECT DISTINCT language FROM parts) spoken
         CROSS JOIN LATERAL unnest(to_tsvector(language::regconfig, ${QUERY}))
    GROUP BY lexeme
  )`;

/**
 * The postings of a word at a place. `OFFSET 0` keeps PostgreSQL from turning this into anything but a look into the index for
 * every word and place, which is right whatever it believes about the table: the embedded one never counts its rows.
 */
function postingsOf(word: string, place: string, condition = ''): string {
  return `LATERAL (
    SELECT chunk_id, document_id, frequency, length FROM rag_postings
    WHERE rag_postings.place = ${place} AND rag_postings.lexeme = ${word} ${condition} OFFSET 0
  ) posting`;
}

/** Times asked, times the inverse document frequency. */
const WEIGHT = `asked.times * ln(1 + (collection.passages - counted.passages + 0.5) / (counted.passages + 0.5))`;

/** What a word is worth in a passage that has it. */
function worth(word: string, passage: string, posting: string): string {
  return `${word}.weight * ${posting}.frequency * (${K1} + 1)
          / (${posting}.frequency + ${K1} * (1 - ${B} + ${B} * ${passage}.length / collection.average_length))`;
}

/** Every passage that has one of the words, scored by all of them. Gives one row without a passage when there is none. */
const SCORE_ALL = `${ASKED}, matched AS MATERIALIZED (
    SELECT asked.lexeme, posting.* FROM asked CROSS JOIN places CROSS JOIN ${postingsOf('asked.lexeme', 'places.place')}
    WHERE (SELECT passages FROM collection) <= ${MOST_PASSAGES} AND posting.document_id IN (SELECT id FROM scope)
  ), counted AS (
    SELECT lexeme, count(*) AS passages FROM matched GROUP BY lexeme
  ), weighted AS MATERIALIZED (
    SELECT lexeme, ${WEIGHT} AS weight FROM asked JOIN counted USING (lexeme) CROSS JOIN collection
  ), best AS (
    SELECT chunk_id AS id, max(document_id) AS "documentId", sum(${worth('weighted', 'matched', 'matched')}) AS score
    FROM matched JOIN weighted USING (lexeme) CROSS JOIN collection
    GROUP BY chunk_id ORDER BY score DESC, id LIMIT ${LIMIT}
  )
  SELECT coalesce(collection.passages, 0) AS "inAll", best.*
  FROM collection LEFT JOIN best ON true ORDER BY score DESC, id`;

/**
 * The rarest words pick passages out and score them; what the frequent ones add is looked up for the best of these only. Exact but
 * for passages that the frequent words alone would have brought among the best.
 */
const SCORE_PICKED = `${ASKED}, counted AS MATERIALIZED (
    SELECT asked.lexeme, count(*) AS passages
    FROM asked CROSS JOIN places CROSS JOIN ${postingsOf('asked.lexeme', 'places.place')}
    WHERE posting.document_id IN (SELECT id FROM scope)
    GROUP BY asked.lexeme
  ), weighted AS MATERIALIZED (
    SELECT lexeme, ${WEIGHT} AS weight, counted.passages,
           sum(counted.passages) OVER (ORDER BY counted.passages, lexeme ROWS UNBOUNDED PRECEDING) AS read_until
    FROM asked JOIN counted USING (lexeme) CROSS JOIN collection
  ), divided AS MATERIALIZED (
    SELECT lexeme, weight, read_until <= ${MOST_POSTINGS} OR read_until = passages AS picks FROM weighted
  ), best AS MATERIALIZED (
    SELECT chunk_id, max(place) AS place, max(document_id) AS document_id, max(length) AS length,
           sum(${worth('divided', 'posting', 'posting')}) AS score
    FROM divided CROSS JOIN places CROSS JOIN ${postingsOf('divided.lexeme', 'places.place')} CROSS JOIN collection
    WHERE picks AND posting.document_id IN (SELECT id FROM scope)
    GROUP BY chunk_id ORDER BY score DESC, chunk_id LIMIT ${MOST_COMPLETED}
  ), added AS (
    SELECT best.chunk_id, sum(${worth('divided', 'best', 'posting')}) AS score
    FROM best CROSS JOIN divided CROSS JOIN collection
         CROSS JOIN ${postingsOf('divided.lexeme', 'best.place', 'AND rag_postings.chunk_id = best.chunk_id')}
    WHERE NOT picks GROUP BY best.chunk_id
  )
  SELECT chunk_id AS id, document_id AS "documentId", best.score + coalesce(added.score, 0) AS score
  FROM best LEFT JOIN added USING (chunk_id) ORDER BY score DESC, id LIMIT ${LIMIT}`;

const ASKED_FOR = `
  SELECT DISTINCT given.word
  FROM unnest($2::text[]) language CROSS JOIN unnest($1::text[]) given (word)
       CROSS JOIN LATERAL unnest(to_tsvector(language::regconfig, given.word)) stem
  WHERE stem.lexeme IN (SELECT lexeme FROM unnest(to_tsvector(language::regconfig, $3)))`;
