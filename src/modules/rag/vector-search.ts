import { Inject, Injectable, Logger } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource, type SelectQueryBuilder } from 'typeorm';
import { cosine, quantised } from '../../engine/retrieval/vectors.js';
import { EmbeddingModel, ModelError } from '../../platform/llm/index.js';
import type { RagDocument } from './entities/rag-document.entity.js';
import type { RankedPassage } from './lexical-search.js';

/** Passages that are all compared; among more of them, only those that were found by their words. */
const MOST_COMPARED = 10_000;
/** Vectors that are read at a time, so that a search holds few of them and others get their turn in between. */
const BATCH = 1000;
/** Whoever searches waits no longer for the vector of their question. */
const PATIENCE_MS = 10_000;

interface StoredVector {
  id: number;
  documentId: number;
  vector: Buffer;
}

/** Passages whose vectors are near to that of a question, among those that the caller may see. */
@Injectable()
export class VectorSearch {
  private readonly logger = new Logger(VectorSearch.name);

  constructor(
    @Inject(EmbeddingModel) private readonly model: EmbeddingModel | null,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  /**
   * Compares exactly: there is no index that could miss one.
   *
   * @param documents those to search in, under the alias `document`
   * @param byWords what was found by its words
   * @returns at most `limit` passages, nearest first; null when there is no model, it does not answer, or it has made no vectors yet
   */
  async rank(
    query: string,
    documents: SelectQueryBuilder<RagDocument>,
    byWords: readonly RankedPassage[],
    limit: number,
  ): Promise<RankedPassage[] | null> {
    const { model } = this;
    if (model === null) return null;
    const scope = await documents
      .clone()
      .andWhere(`document.status = 'ready' AND document.embeddedBy = :model`, { model: model.name })
      .select(['document.id AS id', 'document.chunksCount AS passages'])
      .orderBy('document.id')
      .limit(MOST_COMPARED + 1)
      .getRawMany<{ id: number; passages: number }>();
    if (scope.length === 0) return null;
    const asked = await this.vectorOf(query, model);
    if (asked === null) return null;
    const inAll = scope.reduce((sum, { passages }) => sum + passages, 0);
    const nearest: RankedPassage[] = [];
    const batches = inAll > MOST_COMPARED ? this.found(byWords, model) : this.all(scope, model);
    for await (const batch of batches) {
      nearest.push(...batch.flatMap((stored) => compared(stored, asked)));
      nearest.sort((one, other) => other.score - one.score || one.id - other.id).splice(limit);
    }
    return nearest;
  }

  private async *all(scope: readonly { id: number; passages: number }[], { name }: EmbeddingModel) {
    for (const ids of batchesOf(scope)) yield await this.dataSource.query<StoredVector[]>(OF_DOCUMENTS, [name, ids]);
  }

  private async *found(byWords: readonly RankedPassage[], { name }: EmbeddingModel) {
    const ids = byWords.map(({ id }) => id);
    yield await this.dataSource.query<StoredVector[]>(OF_PASSAGES, [name, ids]);
  }

  private async vectorOf(query: string, model: EmbeddingModel): Promise<Int8Array | null> {
    try {
      const [vector = []] = await model.embed([query], AbortSignal.timeout(PATIENCE_MS));
      return quantised(vector);
    } catch (error) {
      if (!(error instanceof ModelError)) throw error;
      this.logger.warn({ code: error.code }, 'a search was made by words alone');
      return null;
    }
  }
}

/** What has another number of dimensions was made when the model of this name was another. */
function compared({ id, documentId, vector }: StoredVector, asked: Int8Array): RankedPassage[] {
  if (vector.length !== asked.length) return [];
  const stored = new Int8Array(vector.buffer, vector.byteOffset, vector.length);
  return [{ id, documentId, score: cosine(stored, asked) }];
}

/** Documents that have about as many passages together as are read at a time. */
function batchesOf(scope: readonly { id: number; passages: number }[]): number[][] {
  const batches: number[][] = [];
  let passages = BATCH;
  for (const document of scope) {
    if (passages >= BATCH) {
      batches.push([]);
      passages = 0;
    }
    batches.at(-1)?.push(document.id);
    passages += document.passages;
  }
  return batches;
}

const VECTORS = `SELECT chunk_id AS id, document_id AS "documentId", vector FROM embeddings WHERE model = $1`;
const OF_DOCUMENTS = `${VECTORS} AND document_id = ANY($2::integer[])`;
const OF_PASSAGES = `${VECTORS} AND chunk_id = ANY($2::integer[])`;
