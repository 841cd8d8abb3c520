import { setTimeout as pause } from 'node:timers/promises';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import type { FastifyRequest } from 'fastify';
import { type EntityManager, Repository, type SelectQueryBuilder } from 'typeorm';
import { AuditLog, pick, UnitOfWork } from '../../platform/audit/index.js';
import { isDuplicate, type Page, paginateByWays } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { JobQueue } from '../../platform/jobs/index.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { DataSourcesService } from '../data-sources/index.js';
import { DocumentReceiver, type ReceivedDocument } from './document-receiver.js';
import { DocumentPolicy } from './document.policy.js';
import { type ContentQuery, DocumentContentDto, type DocumentListQuery } from './dto/document.dto.js';
import { RagDocument } from './entities/rag-document.entity.js';
import { INGEST, keyOf, uploadOf } from './ingest-job.js';

const TOLD = ['title', 'dataSourceId', 'fileName', 'language', 'contentHash', 'version'] as const;

const FIRST_LOOK_MS = 50;
const LONGEST_PAUSE_MS = 500;

/** Documents: taking them in, showing, replacing and removing them. */
@Injectable()
export class DocumentsService {
  constructor(
    @InjectRepository(RagDocument) private readonly documents: Repository<RagDocument>,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly policy: DocumentPolicy,
    private readonly receiver: DocumentReceiver,
    private readonly sources: DataSourcesService,
    private readonly jobs: JobQueue,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * Takes in a document, to be read by a job. The same one again, of the same person for the same source, is the one that is
   * there; when it could not be read, it is tried anew.
   *
   * @throws DomainError `not_found` for the source, `forbidden` for a key that is for other sources; and as
   *   `DocumentReceiver.receive`
   */
  async create(request: FastifyRequest, caller: Principal): Promise<{ document: RagDocument; isNew: boolean }> {
    return this.receiver.receive(request, async (received) => {
      const dataSourceId = await this.checkSource(received, caller);
      const known = await this.known(received, dataSourceId, caller);
      if (known !== null) return { document: await this.again(known, received), isNew: false };
      try {
        return { document: await this.store(received, dataSourceId, caller), isNew: true };
      } catch (error) {
        // Sent twice at the same time.
        const twin = isDuplicate(error) ? await this.known(received, dataSourceId, caller) : null;
        if (twin === null) throw error;
        return { document: twin, isNew: false };
      }
    });
  }

  /**
   * Puts another text in the place of a document. It is not found until that has been read.
   *
   * @throws DomainError `not_found`, `conflict` when there is a document with this text already; and as `create`
   */
  async replace(id: number, request: FastifyRequest, caller: Principal): Promise<RagDocument> {
    await this.own(id, caller);
    return this.receiver.receive(request, async (received) => {
      const { data_source_id: wanted } = received.fields;
      const dataSourceId = wanted === undefined ? undefined : await this.checkSource(received, caller);
      return this.begin(id, received, dataSourceId);
    });
  }

  /** @throws DomainError `not_found`, also when it is somebody else's */
  async get(id: number, caller: Principal): Promise<RagDocument> {
    const document = await this.visible(caller).andWhere('document.id = :id', { id }).getOne();
    if (document === null) throw notFound('document');
    return document;
  }

  /** Newest first. */
  async list(wanted: DocumentListQuery, caller: Principal): Promise<Page<RagDocument>> {
    const { data_source_id: dataSourceId, status } = wanted;
    const found = this.visible(caller);
    const conditions: ((alias: string) => string)[] = [];
    if (dataSourceId !== undefined) conditions.push((alias) => `${alias}.data_source_id = :dataSourceId`);
    if (status !== undefined) conditions.push((alias) => `${alias}.status = :status`);
    const all = (alias: string): string => ['TRUE', ...conditions.map((one) => one(alias))].join(' AND ');
    found.andWhere(all('document'), { dataSourceId, status });
    return paginateByWays(found, wanted, this.policy.ways(caller, all('one')));
  }

  /** Looks at a document until it has been read, or for so long. */
  async waitFor(document: RagDocument, waitMs: number, disconnected: AbortSignal): Promise<RagDocument> {
    const deadline = Date.now() + waitMs;
    let current = document;
    for (let look = FIRST_LOOK_MS; current.status === 'processing'; look = Math.min(2 * look, LONGEST_PAUSE_MS)) {
      const left = deadline - Date.now();
      if (left <= 0 || disconnected.aborted) break;
      await pause(Math.min(look, left));
      current = (await this.documents.findOneBy({ id: document.id })) ?? current;
    }
    return current;
  }

  /** A part of the text. @throws DomainError `not_found` */
  async content(id: number, { start, length }: ContentQuery, caller: Principal): Promise<DocumentContentDto> {
    const document = await this.visible(caller)
      .addSelect('document.content')
      .andWhere('document.id = :id', { id })
      .getOne();
    if (document === null) throw notFound('document');
    const { content } = document;
    const text = content.slice(start, start + length);
    await this.audit.record({ action: 'document.content_read', objectId: id, details: { start, length: text.length } });
    return {
      text,
      start: Math.min(start, content.length),
      end: Math.min(start + length, content.length),
      length: content.length,
    };
  }

  /** Removes a document with its passages and vectors. @throws DomainError `not_found` */
  async remove(id: number, caller: Principal): Promise<void> {
    const document = await this.own(id, caller);
    await this.unitOfWork.run(async ({ manager, record }) => {
      const { affected } = await manager.delete(RagDocument, { id });
      if (affected === 1) record({ action: 'document.deleted', objectId: id, before: pick(document, TOLD) });
    });
    await this.storage.remove(`documents/${id}`);
  }

  /** The documents that the caller may see, without their text. */
  visible(caller: Principal): SelectQueryBuilder<RagDocument> {
    return this.policy.restrict(this.documents.createQueryBuilder('document'), caller);
  }

  private async own(id: number, caller: Principal): Promise<RagDocument> {
    const query = this.documents.createQueryBuilder('document');
    const document = await this.policy.restrictToOwn(query, caller).andWhere('document.id = :id', { id }).getOne();
    if (document === null) throw notFound('document');
    return document;
  }

  private async checkSource({ fields }: ReceivedDocument, caller: Principal): Promise<number | null> {
    const dataSourceId = fields.data_source_id ?? null;
    if (dataSourceId !== null) return (await this.sources.get(dataSourceId, caller)).id;
    if (caller.dataSourceIds === null) return null;
    throw new DomainError('forbidden', 'This API key is for certain data sources: name one of them in data_source_id.');
  }

  private known(
    { contentHash }: ReceivedDocument,
    dataSourceId: number | null,
    caller: Principal,
  ): Promise<RagDocument | null> {
    return this.documents
      .createQueryBuilder('document')
      .where('document.ownerId = :ownerId AND document.contentHash = :contentHash', {
        ownerId: caller.userId,
        contentHash,
      })
      .andWhere('coalesce(document.dataSourceId, 0) = :place', { place: dataSourceId ?? 0 })
      .getOne();
  }

  /** A document that could not be read may be readable by now, as when the server was short of memory. */
  private async again(known: RagDocument, received: ReceivedDocument): Promise<RagDocument> {
    return known.status === 'failed' ? this.begin(known.id, received, undefined) : known;
  }

  private async store(
    received: ReceivedDocument,
    dataSourceId: number | null,
    caller: Principal,
  ): Promise<RagDocument> {
    const { fields, fileName, sizeBytes, contentHash } = received;
    return this.unitOfWork.runOnce(async ({ manager, record }) => {
      const document = await manager.save(
        manager.create(RagDocument, {
          ownerId: caller.userId,
          dataSourceId,
          title: fields.title ?? '',
          content: '',
          format: fileName === null ? 'markdown' : 'text',
          status: 'processing',
          fileName,
          language: fields.language ?? 'english',
          metadata: fields.metadata ?? {},
          sizeBytes,
          contentHash,
        }),
      );
      record({ action: 'document.created', objectId: document.id, after: pick(document, TOLD) });
      // An earlier document may have left files under this id: after a crash, or in a database that was restored.
      await this.storage.remove(`documents/${document.id}`);
      await this.enqueue(document.id, document.version, received, manager);
      return manager.findOneByOrFail(RagDocument, { id: document.id });
    });
  }

  private begin(id: number, received: ReceivedDocument, dataSourceId: number | null | undefined): Promise<RagDocument> {
    const { fields, fileName, sizeBytes, contentHash } = received;
    return this.unitOfWork
      .runOnce(async ({ manager, record }) => {
        const before = await manager.findOne(RagDocument, {
          where: { id },
          lock: { mode: 'pessimistic_write' },
        });
        if (before === null) throw notFound('document');
        const version = before.version + 1;
        await manager.update(
          RagDocument,
          { id },
          {
            version,
            status: 'processing',
            errorCode: null,
            errorDetail: null,
            fileName,
            sizeBytes,
            contentHash,
            embeddedBy: null,
            title: fields.title ?? before.title,
            ...(fileName === null ? { format: 'markdown' as const } : {}),
            ...(dataSourceId === undefined ? {} : { dataSourceId }),
            ...(fields.language === undefined ? {} : { language: fields.language ?? 'english' }),
            ...(fields.metadata === undefined ? {} : { metadata: fields.metadata ?? {} }),
          },
        );
        const after = await manager.findOneByOrFail(RagDocument, { id });
        record({ action: 'document.replaced', objectId: id, before: pick(before, TOLD), after: pick(after, TOLD) });
        await this.enqueue(id, version, received, manager);
        return after;
      })
      .catch((error: unknown) => {
        if (!isDuplicate(error)) throw error;
        throw new DomainError('conflict', 'You have a document with this very text already. Remove one of the two.');
      });
  }

  /** The job is there if, and only if, the change is; the file may be there for nothing. */
  private async enqueue(
    id: number,
    version: number,
    { path }: ReceivedDocument,
    manager: EntityManager,
  ): Promise<void> {
    await this.storage.keep(path, uploadOf(id, version));
    const payload = { documentId: id, version };
    await this.jobs.enqueue(INGEST, payload, { manager, key: keyOf(payload) });
  }
}
