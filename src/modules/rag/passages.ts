import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type EntityManager } from 'typeorm';
import { BM25 } from '../../engine/retrieval/bm25.js';
import type { Passage } from '../../engine/retrieval/read-passages.js';
import { wordText } from '../../engine/retrieval/words.js';
import type { RagDocument } from './entities/rag-document.entity.js';

/** Passages that are stored by one statement: others get their turn at the database in between. */
const BATCH = 200;

/** Storing the passages of documents, with their words. */
@Injectable()
export class Passages {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Stores the passages of a version of a document, instead of all that it had.
   *
   * @returns the sum of their lengths; null when the document was replaced or removed meanwhile
   */
  async replace(
    document: Pick<RagDocument, 'id' | 'version' | 'language' | 'title'>,
    passages: readonly Passage[],
    signal: AbortSignal,
  ): Promise<number | null> {
    if (!(await this.clearFor(document))) return null;
    let words = 0;
    for (let position = 0; position < passages.length; position += BATCH) {
      signal.throwIfAborted();
      const added = await this.add(document, passages.slice(position, position + BATCH), position);
      if (added === null) return null;
      words += added;
    }
    return words;
  }

  /** Removes the passages of a document, with their words. */
  async clear(documentId: number, manager: EntityManager): Promise<void> {
    for (const table of ['rag_postings', 'rag_chunks']) {
      await manager.query(`DELETE FROM ${table} WHERE document_id = $1`, [documentId]);
    }
  }

  /** Not what a later version has brought meanwhile: its reading may have taken less time. @returns false when there is one */
  private async clearFor({ id, version }: Pick<RagDocument, 'id' | 'version'>): Promise<boolean> {
    return this.dataSource.transaction(async (manager) => {
      const rows: unknown[] = await manager.query(LOCK, [id, version]);
      if (rows.length === 0) return false;
      await this.clear(id, manager);
      return true;
    });
  }

  private async add(
    { id, version, language, title }: Pick<RagDocument, 'id' | 'version' | 'language' | 'title'>,
    passages: readonly Passage[],
    position: number,
  ): Promise<number | null> {
    const titleWords = wordText(title);
    const rows = passages.map(({ headingWords, content, ...passage }, index) => ({
      position: position + index,
      heading: passage.heading,
      content,
      starts: passage.start,
      ends: passage.end,
      words: passage.words,
      title_words: `${titleWords} ${headingWords}`,
    }));
    const [added] = await this.dataSource.query<{ words: number | null }[]>(INSERT, [
      id,
      version,
      language,
      JSON.stringify(rows),
      BM25.titleWeight,
    ]);
    return added?.words ?? null;
  }
}

const LOCK = `SELECT id FROM rag_documents WHERE id = $1 AND version = $2 AND status = 'processing' FOR SHARE`;

/**
 * The lock makes whoever replaces the document wait, and whoever comes after them find nothing to lock. A word has as many
 * positions as PostgreSQL keeps of it, 256 at the most.
 */
const INSERT = `
  WITH current AS (
    SELECT id, coalesce(data_source_id, -owner_id) AS place
    FROM rag_documents WHERE id = $1 AND version = $2 AND status = 'processing' FOR SHARE
  ), given AS MATERIALIZED (
    SELECT passage.*, setweight(to_tsvector($3::regconfig, title_words), 'A') || to_tsvector($3::regconfig, words) AS lexemes
    FROM json_to_recordset($4::json) AS passage
      (position integer, heading text, content text, starts integer, ends integer, words text, title_words text)
  ), counted AS MATERIALIZED (
    SELECT position, word.lexeme,
           cardinality(word.positions) + ($5::integer - 1) * cardinality(array_positions(word.weights, 'A')) AS frequency
    FROM given CROSS JOIN LATERAL unnest(given.lexemes) word
  ), lengths AS (
    SELECT position, sum(frequency)::integer AS length FROM counted GROUP BY position
  ), made AS (
    INSERT INTO rag_chunks (document_id, position, heading, content, start_offset, end_offset, token_count)
    SELECT current.id, given.position, given.heading, given.content, given.starts, given.ends, coalesce(length, 0)
    FROM current CROSS JOIN given LEFT JOIN lengths USING (position)
    RETURNING id, document_id, position, token_count
  ), posted AS (
    INSERT INTO rag_postings (place, lexeme, chunk_id, document_id, frequency, length)
    SELECT current.place, lexeme, made.id, made.document_id, least(frequency, 32767), least(token_count, 32767)
    FROM current CROSS JOIN made JOIN counted USING (position)
  )
  SELECT sum(token_count)::integer AS words FROM made`;
