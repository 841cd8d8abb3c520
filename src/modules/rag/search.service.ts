import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type EntityManager, In, Repository } from 'typeorm';
import { wordsIn } from '../../engine/retrieval/words.js';
import { UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import type { Principal } from '../../platform/security/index.js';
import { DocumentsService } from './documents.service.js';
import type { FoundPassageDto, SearchDto, SearchFiltersDto } from './dto/search.dto.js';
import { RagChunk } from './entities/rag-chunk.entity.js';
import { RetrievalSession } from './entities/retrieval-session.entity.js';
import { LexicalSearch, type RankedPassage } from './lexical-search.js';

/** Passages that are ranked, whatever of them is shown. */
const CANDIDATES = 100;

/** What a search is a part of. */
export interface SearchOccasion {
  conversationId?: number;
  queryId?: number;
}

export interface FoundPassages {
  session: RetrievalSession;
  items: FoundPassageDto[];
}

/** Finding passages by their words, never outside of what the caller may see. */
@Injectable()
export class SearchService {
  constructor(
    @InjectRepository(RagChunk) private readonly chunks: Repository<RagChunk>,
    @InjectRepository(RetrievalSession) private readonly sessions: Repository<RetrievalSession>,
    private readonly unitOfWork: UnitOfWork,
    private readonly documents: DocumentsService,
    private readonly lexical: LexicalSearch,
  ) {}

  /** The best passages, best first, recorded as a retrieval session of the caller's. */
  async search(
    { query, limit, filters = {} }: SearchDto,
    caller: Principal,
    occasion: SearchOccasion = {},
  ): Promise<FoundPassages> {
    const ranked = await this.rank(query, filters, caller);
    const items = await this.show(ranked.slice(0, limit), query);
    const documentIds = [...new Set(items.map((item) => item.document_id))];
    const session = await this.unitOfWork.run(async ({ manager, record }) => {
      const made = await manager.save(RetrievalSession, {
        userId: caller.userId,
        conversationId: occasion.conversationId ?? null,
        queryId: occasion.queryId ?? null,
        searchText: query,
        retrievedDocIds: documentIds,
      });
      record({
        action: 'retrieval_session.created',
        objectId: made.id,
        details: { query, document_ids: documentIds, passages: items.map((item) => item.chunk_id) },
      });
      return made;
    });
    return { session, items };
  }

  /** All passages that can come into question, best first. */
  async rank(query: string, filters: SearchFiltersDto, caller: Principal): Promise<RankedPassage[]> {
    const documents = this.documents.visible(caller);
    const { document_ids: ids, data_source_id: dataSourceId, metadata } = filters;
    if (ids !== undefined) documents.andWhere('document.id = ANY(:ids)', { ids });
    if (dataSourceId !== undefined) documents.andWhere('document.dataSourceId = :dataSourceId', { dataSourceId });
    if (metadata !== undefined) {
      documents.andWhere('document.metadata @> CAST(:labels AS jsonb)', { labels: JSON.stringify(metadata) });
    }
    return this.lexical.rank(query, documents, CANDIDATES);
  }

  /** Passages that were found before, as far as they are still there and the caller may see them. */
  async again(chunkIds: readonly number[], caller: Principal): Promise<FoundPassageDto[]> {
    if (chunkIds.length === 0) return [];
    const documents = this.documents.visible(caller).select('document.id');
    const chunks = await this.chunks
      .createQueryBuilder('chunk')
      .innerJoinAndSelect('chunk.document', 'read')
      .where('chunk.id = ANY(:chunkIds)', { chunkIds })
      .andWhere(`chunk.documentId IN (${documents.getQuery()})`)
      .setParameters(documents.getParameters())
      .getMany();
    return chunks.map((chunk) => passageOf(chunk, 0, new Set()));
  }

  /** Removes the records of the searches of a conversation, as part of its removal. */
  async forget(conversationId: number, manager: EntityManager): Promise<void> {
    await manager.delete(RetrievalSession, { conversationId });
  }

  /** The searches of the caller, newest first. */
  async list(page: PageQuery, caller: Principal): Promise<Page<RetrievalSession>> {
    return paginate(
      this.sessions.createQueryBuilder('session').where('session.userId = :userId', { userId: caller.userId }),
      page,
    );
  }

  private async show(ranked: readonly RankedPassage[], query: string): Promise<FoundPassageDto[]> {
    const chunks = await this.chunks.find({
      where: { id: In(ranked.map(({ id }) => id)) },
      relations: { document: true },
      select: {
        id: true,
        documentId: true,
        heading: true,
        content: true,
        startOffset: true,
        endOffset: true,
        document: { id: true, title: true, language: true },
      },
    });
    const words = new Set(chunks.flatMap(({ content }) => Array.from(wordsIn(content), ({ word }) => word)));
    const languages = [...new Set(chunks.map(({ document }) => document.language))];
    const asked = await this.lexical.wordsAskedFor(query, [...words], languages);
    const byId = new Map(chunks.map((chunk) => [chunk.id, chunk]));
    return ranked.flatMap(({ id, score }) => {
      const chunk = byId.get(id);
      // Replaced or removed since it was found.
      return chunk === undefined ? [] : [passageOf(chunk, score, asked)];
    });
  }
}

function passageOf(chunk: RagChunk, score: number, asked: ReadonlySet<string>): FoundPassageDto {
  const found = Array.from(wordsIn(chunk.content)).filter(({ word }) => asked.has(word));
  return {
    document_id: chunk.documentId,
    chunk_id: chunk.id,
    title: chunk.document.title,
    heading: chunk.heading,
    text: chunk.content,
    score,
    start: chunk.startOffset,
    end: chunk.endOffset,
    highlights: found.map(({ start, end }) => ({ start, end })),
  };
}
