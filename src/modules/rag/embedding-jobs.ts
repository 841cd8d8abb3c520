import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository } from 'typeorm';
import { JobKind, JobQueue } from '../../platform/jobs/index.js';
import { EmbeddingModel } from '../../platform/llm/index.js';
import { RagDocument } from './entities/rag-document.entity.js';

export interface EmbedPayload extends Record<string, unknown> {
  documentId: number;
  version: number;
}

/** Making vectors of the passages of one version of a document. One at a time: endpoints count calls. */
export const EMBED = new JobKind<EmbedPayload>('documents.embed', {
  timeLimitSeconds: 3600,
  tries: 5,
  retryDelaySeconds: 10,
  concurrency: 1,
});

/** Looking for documents that have no vectors of this model, from an id on. */
export const EMBED_MISSING = new JobKind<{ after: number }>('documents.embed-missing', {
  timeLimitSeconds: 600,
  tries: 3,
  concurrency: 1,
});

/** Asks for vectors of documents, when there is a model that makes them. */
@Injectable()
export class EmbeddingJobs implements OnApplicationBootstrap {
  constructor(
    @Inject(EmbeddingModel) private readonly model: EmbeddingModel | null,
    @InjectRepository(RagDocument) private readonly documents: Repository<RagDocument>,
    private readonly jobs: JobQueue,
  ) {}

  /** Documents from before there was a model, or that it failed on, get their vectors once the server has started. */
  async onApplicationBootstrap(): Promise<void> {
    if (this.model === null) return;
    const { name } = this.model;
    const isOneMissing = await this.documents
      .createQueryBuilder('document')
      .where(`document.status = 'ready' AND document.embeddedBy IS DISTINCT FROM :name`, { name })
      .getExists();
    if (isOneMissing) await this.jobs.enqueue(EMBED_MISSING, { after: 0 });
  }

  /**
   * Has vectors made of a version of a document, as part of the change that makes it `ready`.
   *
   * @param occasion tells several times of asking for the same apart; the first to ask counts, for a week
   */
  async ask({ documentId, version }: EmbedPayload, manager?: EntityManager, occasion = 'new'): Promise<void> {
    if (this.model === null) return;
    const key = `${documentId}.${version}.${this.model.name}.${occasion}`;
    await this.jobs.enqueue(EMBED, { documentId, version }, { key, ...(manager === undefined ? {} : { manager }) });
  }
}
