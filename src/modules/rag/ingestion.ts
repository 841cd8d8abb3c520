import { access } from 'node:fs/promises';
import { Injectable, type OnApplicationBootstrap, type OnModuleInit } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { EngineError } from '../../engine/errors.js';
import type { ReadPassages } from '../../engine/retrieval/read-passages.js';
import { UnitOfWork } from '../../platform/audit/index.js';
import { type JobHandler, JobQueue, type JobTry } from '../../platform/jobs/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { DocumentReader } from './document-reader.js';
import { EmbeddingJobs } from './embedding-jobs.js';
import { RagDocument } from './entities/rag-document.entity.js';
import { INGEST, type IngestPayload, keyOf, uploadOf } from './ingest-job.js';
import { Passages } from './passages.js';
import { READING_LIMITS } from './reading-limits.js';

/** The name of what was sent as text is no ending that says anything. */
const UNNAMED = 'the text';

/** Reads documents in: from the bytes that were sent to passages that can be found. */
@Injectable()
export class Ingestion implements JobHandler<IngestPayload>, OnModuleInit, OnApplicationBootstrap {
  constructor(
    @InjectRepository(RagDocument) private readonly documents: Repository<RagDocument>,
    private readonly unitOfWork: UnitOfWork,
    private readonly jobs: JobQueue,
    private readonly reader: DocumentReader,
    private readonly passages: Passages,
    private readonly storage: LocalStorage,
    private readonly embedding: EmbeddingJobs,
  ) {}

  onModuleInit(): void {
    this.jobs.handle(INGEST, this);
  }

  /** Jobs are no part of a backup: after a restore, those of documents that were being read are missing. */
  async onApplicationBootstrap(): Promise<void> {
    const unread = await this.documents.find({ where: { status: 'processing' }, select: { id: true, version: true } });
    for (const { id: documentId, version } of unread) {
      const payload = { documentId, version };
      await this.jobs.enqueue(INGEST, payload, { key: keyOf(payload) });
    }
  }

  async work({ documentId, version }: IngestPayload, { signal }: JobTry): Promise<void> {
    const document = await this.documents.findOneBy({ id: documentId, version, status: 'processing' });
    if (document === null) return;
    try {
      const read = await this.read(document, signal);
      const words = await this.passages.replace({ ...document, title: titleOf(document, read) }, read.passages, signal);
      if (words !== null) await this.finish(document, read, words);
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      await this.fail(document, error.code, error.message);
    }
    await this.storage.remove(uploadOf(documentId, version));
  }

  async givenUp({ documentId, version }: IngestPayload): Promise<void> {
    await this.fail(
      { id: documentId, version },
      'internal_error',
      'The document could not be read in. Send it again; if that does not help, tell your administrator.',
    );
  }

  private async read({ id, version, fileName, format }: RagDocument, signal: AbortSignal): Promise<ReadPassages> {
    const path = this.storage.pathOf(uploadOf(id, version));
    await access(path).catch((cause: unknown) => {
      throw new EngineError('file_malformed', 'What was sent is not there any more. Send the document again.', {
        cause,
      });
    });
    return this.reader.read(
      { path, fileName: fileName ?? UNNAMED, limits: READING_LIMITS, ...(fileName === null ? { format } : {}) },
      signal,
    );
  }

  private async finish(document: RagDocument, read: ReadPassages, words: number): Promise<void> {
    const { id, version } = document;
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(
        RagDocument,
        { id, version, status: 'processing' },
        {
          status: 'ready',
          title: titleOf(document, read),
          format: read.format,
          content: read.content,
          chunksCount: read.passages.length,
          wordsCount: words,
        },
      );
      if (affected !== 1) return;
      record({ action: 'document.ingested', objectId: id, details: { version } });
      await this.embedding.ask({ documentId: id, version }, manager);
    });
  }

  private async fail(
    { id, version }: Pick<RagDocument, 'id' | 'version'>,
    code: string,
    detail: string,
  ): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.update(
        RagDocument,
        { id, version, status: 'processing' },
        { status: 'failed', errorCode: code, errorDetail: detail, content: '', chunksCount: 0, wordsCount: 0 },
      );
      if (affected !== 1) return;
      // Neither half of it nor what it was to replace stays behind.
      await this.passages.clear(id, manager);
      record({ action: 'document.failed', objectId: id, details: { code } });
    });
  }
}

/** A title that was given stays; otherwise what the document calls itself, or else the name of its file. */
function titleOf({ title, fileName }: RagDocument, read: ReadPassages): string {
  if (title !== '') return title;
  return (read.title ?? fileName ?? 'Untitled').slice(0, 500);
}
