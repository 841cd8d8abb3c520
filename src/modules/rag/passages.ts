import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { BM25 } from '../../engine/retrieval/bm25.js';
import type { Passage } from '../../engine/retrieval/read-passages.js';
import { wordText } from '../../engine/retrieval/words.js';
import { Embedders } from './embedders.js';
import type { RagDocument } from './entities/rag-document.entity.js';

/** Passages that are stored by one statement: others get their turn at the database in between. */
const BATCH = 200;

/** Storing the passages of documents, with their words and vectors. */
@Injectable()
export class Passages {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly embedders: Embedders,
  ) {}

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
    await this.dataSource.query('DELETE FROM rag_chunks WHERE document_id = $1', [document.id]);
    let words = 0;
    for (let position = 0; position < passages.length; position += BATCH) {
      signal.throwIfAborted();
      const added = await this.add(document, passages.slice(position, position + BATCH), position);
      if (added === null) return null;
      words += added;
    }
    return words;
  }

  private async add(
    { id, version, language, title }: Pick<RagDocument, 'id' | 'version' | 'language' | 'title'>,
    passages: readonly Passage[],
    position: number,
  ): Promise<number | null> {
    const embedder = this.embedders.current();
    const vectors = await embedder.embedPassages(
      passages.map(({ heading, content }) => [title, title, heading, content].join('\n')),
    );
    const titleWords = wordText(title);
    const rows = passages.map(({ headingWords, content, ...passage }, index) => ({
      position: position + index,
      heading: passage.heading,
      content,
      starts: passage.start,
      ends: passage.end,
      words: passage.words,
      title_words: `${titleWords} ${headingWords}`,
      vector: vectors[index],
    }));
    const [added] = await this.dataSource.query<{ words: number | null }[]>(INSERT, [
      id,
      version,
      language,
      JSON.stringify(rows),
      embedder.model,
      BM25.titleWeight,
    ]);
    return added?.words ?? null;
  }
}

/** The lock makes whoever replaces the document wait, and whoever comes after them find nothing to lock. */
const INSERT = `
  WITH current AS (
    SELECT id FROM rag_documents WHERE id = $1 AND version = $2 AND status = 'processing' FOR SHARE
  ), given AS (
    SELECT passage.*, setweight(to_tsvector($3::regconfig, title_words), 'A') || to_tsvector($3::regconfig, words) AS lexemes
    FROM json_to_recordset($4::json) AS passage
      (position integer, heading text, content text, starts integer, ends integer, words text, title_words text, vector real[])
  ), made AS (
    INSERT INTO rag_chunks (document_id, position, heading, content, start_offset, end_offset, lexemes, token_count)
    SELECT current.id, given.position, given.heading, given.content, given.starts, given.ends, given.lexemes,
           (SELECT coalesce(sum(${termFrequency('word', '$6::integer')}), 0) FROM unnest(given.lexemes) word)
    FROM current CROSS JOIN given
    RETURNING id, document_id, position, token_count
  ), embedded AS (
    INSERT INTO embeddings (document_id, chunk_id, vector, model)
    SELECT made.document_id, made.id, given.vector, $5 FROM made JOIN given USING (position)
  )
  SELECT sum(token_count)::integer AS words FROM made`;

/**
 * How often a word is in a passage, those in the title counted several times.
 *
 * @param word an alias of a row that `unnest(tsvector)` gives
 * @param titleWeight a parameter
 */
export function termFrequency(word: string, titleWeight: string): string {
  return `(cardinality(${word}.positions) + (${titleWeight} - 1) * cardinality(array_positions(${word}.weights, 'A')))`;
}
