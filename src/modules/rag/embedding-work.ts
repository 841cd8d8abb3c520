import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { quantised } from '../../engine/retrieval/vectors.js';
import { UnitOfWork } from '../../platform/audit/index.js';
import { JobQueue, type JobTry } from '../../platform/jobs/index.js';
import { EmbeddingModel } from '../../platform/llm/index.js';
import { EMBED, EMBED_MISSING, EmbeddingJobs, type EmbedPayload } from './embedding-jobs.js';
import { RagDocument } from './entities/rag-document.entity.js';

/** Passages whose vectors are stored together: what a try that fails has to do again, at the most. */
const BATCH = 64;
/** Words without spaces can make a passage longer than models take. */
const LONGEST_TEXT = 6000;
/** Documents that are asked for at a time. */
const MISSING_AT_A_TIME = 500;

/** Makes vectors of passages, in the background. What fails is tried again from where it was, and is found by its words meanwhile. */
@Injectable()
export class EmbeddingWork implements OnModuleInit {
  constructor(
    @Inject(EmbeddingModel) private readonly model: EmbeddingModel | null,
    @InjectRepository(RagDocument) private readonly documents: Repository<RagDocument>,
    private readonly unitOfWork: UnitOfWork,
    private readonly queue: JobQueue,
    private readonly jobs: EmbeddingJobs,
  ) {}

  onModuleInit(): void {
    this.queue.handle(EMBED, { work: (payload, { signal }: JobTry) => this.embed(payload, signal) });
    this.queue.handle(EMBED_MISSING, { work: ({ after }) => this.askForMissing(after) });
  }

  private async embed({ documentId, version }: EmbedPayload, signal: AbortSignal): Promise<void> {
    const { model } = this;
    if (model === null) return;
    for (;;) {
      signal.throwIfAborted();
      const passages: Passage[] = await this.documents.query(NEXT, [documentId, version, model.name]);
      if (passages.length === 0) break;
      const vectors = await model.embed(passages.map(textOf), signal);
      await this.documents.query(STORE, [
        passages.map(({ id }) => id),
        vectors.map((vector) => Buffer.from(quantised(vector).buffer)),
        model.name,
      ]);
    }
    await this.finish({ documentId, version }, model.name);
  }

  private async finish({ documentId, version }: EmbedPayload, model: string): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const [done]: [unknown[], number] = await manager.query(FINISH, [documentId, version, model]);
      // Replaced or removed meanwhile.
      if (done.length === 0) return;
      await manager.query('DELETE FROM embeddings WHERE document_id = $1 AND model <> $2', [documentId, model]);
      record({ action: 'document.embedded', objectId: documentId, details: { version, model } });
    });
  }

  private async askForMissing(after: number): Promise<void> {
    if (this.model === null) return;
    const missing = await this.documents
      .createQueryBuilder('document')
      .select(['document.id', 'document.version'])
      .where(`document.status = 'ready' AND document.embeddedBy IS DISTINCT FROM :name`, { name: this.model.name })
      .andWhere('document.id > :after', { after })
      .orderBy('document.id')
      .limit(MISSING_AT_A_TIME)
      .getMany();
    const today = new Date().toISOString().slice(0, 10);
    for (const { id: documentId, version } of missing) await this.jobs.ask({ documentId, version }, undefined, today);
    const last = missing.at(-1);
    if (last !== undefined) await this.queue.enqueue(EMBED_MISSING, { after: last.id });
  }
}

interface Passage {
  id: number;
  title: string;
  heading: string;
  content: string;
}

/** As it is ranked by its words: with what stands above it. */
function textOf({ title, heading, content }: Passage): string {
  return `${title}\n${heading}\n${content}`.slice(0, LONGEST_TEXT).toWellFormed();
}

const NEXT = `
  SELECT chunk.id, document.title, chunk.heading, chunk.content
  FROM rag_documents document JOIN rag_chunks chunk ON chunk.document_id = document.id
  WHERE document.id = $1 AND document.version = $2 AND document.status = 'ready'
    AND NOT EXISTS (SELECT FROM embeddings WHERE chunk_id = chunk.id AND model = $3)
  ORDER BY chunk.position LIMIT ${BATCH}`;

/** Passages that are gone meanwhile are left out. */
const STORE = `
  INSERT INTO embeddings (document_id, chunk_id, vector, model)
  SELECT chunk.document_id, chunk.id, made.vector, $3::varchar
  FROM unnest($1::integer[], $2::bytea[]) made (chunk_id, vector) JOIN rag_chunks chunk ON chunk.id = made.chunk_id
  ON CONFLICT (chunk_id, model) DO NOTHING`;

/** Not by way of the entity: that nothing but vectors have come is no change of the document. */
const FINISH = `
  UPDATE rag_documents SET embedded_by = $3 WHERE id = $1 AND version = $2 AND status = 'ready' RETURNING id`;
