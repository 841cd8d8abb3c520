import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { BM25, pickingTerms, type Term, weighTerms } from '../../engine/retrieval/bm25.js';
import { wordText } from '../../engine/retrieval/words.js';
import type { RagDocument } from './entities/rag-document.entity.js';
import { termFrequency } from './passages.js';

/** Passages that are scored for one question, at the most, unless a single word is in more. */
const MOST_SCORED = 20_000;

export interface RankedPassage {
  id: number;
  documentId: number;
  score: number;
}

/** The passages of a search, and how many words they have on average. */
interface Collection {
  passages: number;
  averageLength: number;
  languages: string[];
}

/**
 * BM25 over the words of passages, in the database. What is searched is what the caller may see: the frequencies of words are
 * counted in there, so nobody learns from a score what is in the documents of others.
 */
@Injectable()
export class LexicalSearch {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * @param documents those to search in, under the alias `document`
   * @returns at most `limit` passages, best first
   */
  async rank(query: string, documents: SelectQueryBuilder<RagDocument>, limit: number): Promise<RankedPassage[]> {
    const scope = documents
      .clone()
      .andWhere(`document.status = 'ready'`)
      .select(['document.id AS id', 'document.language AS language'])
      .addSelect(['document.chunksCount AS chunks_count', 'document.wordsCount AS words_count']);
    const collection = await this.collection(scope);
    if (collection.passages === 0) return [];
    const terms = await this.terms(query, collection.languages, scope);
    const picking = pickingTerms(terms, MOST_SCORED);
    if (picking.length === 0) return [];
    const weighted = weighTerms(terms, collection.passages);
    return this.ask<RankedPassage>(scope, SCORE, [
      tsqueryOf(picking),
      weighted.map(({ lexeme }) => lexeme),
      weighted.map(({ weight }) => weight),
      collection.averageLength,
      BM25.k1,
      BM25.b,
      BM25.titleWeight,
      limit,
    ]);
  }

  /** Which words of the texts are asked for, as a set to look them up in. */
  async wordsAskedFor(query: string, words: readonly string[], languages: readonly string[]): Promise<Set<string>> {
    const rows = await this.dataSource.query<{ word: string }[]>(ASKED_FOR, [words, languages, wordText(query)]);
    return new Set(rows.map(({ word }) => word));
  }

  private async collection(scope: SelectQueryBuilder<RagDocument>): Promise<Collection> {
    const [row] = await this.ask<{ passages: number; words: number; languages: string[] | null }>(
      scope,
      COLLECTION,
      [],
    );
    const { passages = 0, words = 0, languages } = row ?? {};
    return { passages, averageLength: words / Math.max(1, passages), languages: languages ?? [] };
  }

  private terms(query: string, languages: readonly string[], scope: SelectQueryBuilder<RagDocument>): Promise<Term[]> {
    return this.ask<Term>(scope, TERMS, [languages, wordText(query)]);
  }

  /**
   * Runs a statement with the documents of the search as the table `scope`.
   *
   * @param statement with its own parameters as `:1`, `:2` …
   */
  private ask<T>(scope: SelectQueryBuilder<RagDocument>, statement: string, values: unknown[]): Promise<T[]> {
    const [documents, parameters] = scope.getQueryAndParameters();
    const numbered = statement.replace(/:(\d+)/g, (_, number: string) => `$${parameters.length + Number(number)}`);
    return this.dataSource.query<T[]>(`WITH scope AS MATERIALIZED (${documents}) ${numbered}`, [
      ...parameters,
      ...values,
    ]);
  }
}

const COLLECTION = `
  SELECT coalesce(sum(chunks_count), 0)::float8 AS passages, coalesce(sum(words_count), 0)::float8 AS words,
         array_agg(DISTINCT language) FILTER (WHERE chunks_count > 0) AS languages
  FROM scope`;

/** One word may have several stems, one in each language. */
const TERMS = `
  , asked AS (
    SELECT lexeme, max(cardinality(positions)) AS count
    FROM unnest(CAST(:1 AS text[])) language CROSS JOIN unnest(to_tsvector(language::regconfig, CAST(:2 AS text)))
    GROUP BY lexeme
  )
  SELECT lexeme, count::integer, (
    SELECT count(*)::integer FROM rag_chunks chunk JOIN scope ON scope.id = chunk.document_id
    WHERE chunk.lexemes @@ quote_literal(asked.lexeme)::tsquery
  ) AS passages
  FROM asked ORDER BY lexeme`;

const SCORE = `
  , wanted AS (
    SELECT * FROM unnest(CAST(:2 AS text[]), CAST(:3 AS float8[])) AS wanted (lexeme, weight)
  ), matched AS (
    SELECT chunk.id, chunk.document_id, chunk.token_count, word.lexeme, ${termFrequency('word', 'CAST(:7 AS integer)')}::float8 AS frequency
    FROM rag_chunks chunk JOIN scope ON scope.id = chunk.document_id CROSS JOIN LATERAL unnest(chunk.lexemes) word
    WHERE chunk.lexemes @@ CAST(:1 AS tsquery) AND word.lexeme = ANY(CAST(:2 AS text[]))
  )
  SELECT id, document_id AS "documentId", sum(weight * frequency * (CAST(:5 AS float8) + 1)
             / (frequency + CAST(:5 AS float8) * (1 - CAST(:6 AS float8) + CAST(:6 AS float8) * token_count / CAST(:4 AS float8))))
             AS score
  FROM matched JOIN wanted USING (lexeme)
  GROUP BY id, document_id ORDER BY score DESC, id LIMIT CAST(:8 AS integer)`;

const ASKED_FOR = `
  SELECT DISTINCT word
  FROM unnest($1::text[]) word CROSS JOIN unnest($2::text[]) language
  WHERE to_tsvector(language::regconfig, word) @@ ANY (
    SELECT quote_literal(lexeme)::tsquery FROM unnest(to_tsvector(language::regconfig, $3))
  )`;

/** Passages that have one of the words. Words have letters and digits only; the quotes are for whatever comes later. */
function tsqueryOf(lexemes: readonly string[]): string {
  return lexemes.map((lexeme) => `'${lexeme.replaceAll(/['\\\\]/g, '$&$&')}'`).join(' | ');
}
