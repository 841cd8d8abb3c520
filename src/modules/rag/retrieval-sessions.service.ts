import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, Repository, type SelectQueryBuilder } from 'typeorm';
import { AuditLog, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import type { Principal } from '../../platform/security/index.js';
import { type FoundPassageDto, RetrievalSessionDetailDto } from './dto/search.dto.js';
import { RetrievalSession } from './entities/retrieval-session.entity.js';
import { KnownPassages } from './known-passages.js';

/** What a search is a part of. */
export interface SearchOccasion {
  conversationId?: number;
  queryId?: number;
}

/** The records of searches: who looked for what, and which passages were found. They are for the person who searched. */
@Injectable()
export class RetrievalSessionsService {
  constructor(
    @InjectRepository(RetrievalSession) private readonly sessions: Repository<RetrievalSession>,
    private readonly unitOfWork: UnitOfWork,
    private readonly audit: AuditLog,
    private readonly passages: KnownPassages,
  ) {}

  /** Keeps a search that the caller has made. */
  async keep(
    query: string,
    items: readonly FoundPassageDto[],
    caller: Principal,
    { conversationId = null, queryId = null }: { [key in keyof SearchOccasion]: number | null },
  ): Promise<RetrievalSession> {
    const documentIds = [...new Set(items.map((item) => item.document_id))];
    return this.unitOfWork.run(async ({ manager, record }) => {
      const made = await manager.save(RetrievalSession, {
        userId: caller.userId,
        apiKeyId: caller.apiKeyId,
        conversationId,
        queryId,
        searchText: query,
        retrievedDocIds: documentIds,
        passages: items.map(({ document_id: documentId, chunk_id: chunkId, start, end, score }) => ({
          documentId,
          chunkId,
          start,
          end,
          score,
        })),
      });
      record({
        action: 'retrieval_session.created',
        objectId: made.id,
        details: { query, document_ids: documentIds, passages: items.map((item) => item.chunk_id) },
      });
      return made;
    });
  }

  /** The caller's, newest first. */
  async list(page: PageQuery, caller: Principal): Promise<Page<RetrievalSession>> {
    return paginate(this.visible(caller), page);
  }

  /** One of the caller's, with the words of the passages that they may still see. @throws DomainError `not_found` */
  async get(id: number, caller: Principal): Promise<RetrievalSessionDetailDto> {
    const session = await this.visible(caller).andWhere('session.id = :id', { id }).getOne();
    if (session === null) throw notFound('retrieval session');
    const still = await this.passages.of(
      session.passages.map(({ chunkId }) => chunkId),
      caller,
    );
    if (still.length > 0) {
      const details = { passages: still.map(({ chunk_id: chunkId }) => chunkId) };
      await this.audit.record({ action: 'retrieval_session.read', objectId: id, details });
    }
    return RetrievalSessionDetailDto.of(session, still);
  }

  /** Removes the records of the searches of a conversation, as part of its removal. */
  async forget(conversationId: number, manager: EntityManager): Promise<void> {
    await manager.delete(RetrievalSession, { conversationId });
  }

  /** A key for certain data sources sees the searches that were made with it, because others may have been about anything. */
  private visible({ userId, dataSourceIds, apiKeyId }: Principal): SelectQueryBuilder<RetrievalSession> {
    const found = this.sessions.createQueryBuilder('session').where('session.userId = :userId', { userId });
    return dataSourceIds === null ? found : found.andWhere('session.apiKeyId = :apiKeyId', { apiKeyId });
  }
}
