import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, Repository } from 'typeorm';
import { fused } from '../../engine/retrieval/fusion.js';
import { wordsIn } from '../../engine/retrieval/words.js';
import type { Principal } from '../../platform/security/index.js';
import { DocumentsService } from './documents.service.js';
import { type FoundPassageDto, passageOf, type SearchDto, type SearchFiltersDto } from './dto/search.dto.js';
import { RagChunk } from './entities/rag-chunk.entity.js';
import type { RetrievalSession } from './entities/retrieval-session.entity.js';
import { LexicalSearch, type RankedPassage } from './lexical-search.js';
import { RetrievalSessionsService, type SearchOccasion } from './retrieval-sessions.service.js';
import { VectorSearch } from './vector-search.js';

/** Passages that are ranked, whatever of them is shown. */
const CANDIDATES = 100;

export interface FoundPassages {
  session: RetrievalSession;
  items: FoundPassageDto[];
}

/** Finding passages by their words, and by vectors where there is a model, never outside of what the caller may see. */
@Injectable()
export class SearchService {
  constructor(
    @InjectRepository(RagChunk) private readonly chunks: Repository<RagChunk>,
    private readonly sessions: RetrievalSessionsService,
    private readonly documents: DocumentsService,
    private readonly lexical: LexicalSearch,
    private readonly vectors: VectorSearch,
  ) {}

  /** The best passages, best first, recorded as a retrieval session of the caller's. */
  async search(
    { query, limit, filters = {} }: SearchDto,
    caller: Principal,
    occasion: SearchOccasion = {},
  ): Promise<FoundPassages> {
    const ranked = await this.rank(query, filters, caller);
    const items = await this.show(ranked.slice(0, limit), query);
    const { conversationId = null, queryId = null } = occasion;
    const session = await this.sessions.keep(query, items, caller, { conversationId, queryId });
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
    const byWords = await this.lexical.rank(query, documents, CANDIDATES);
    const byMeaning = await this.vectors.rank(query, documents, byWords, CANDIDATES);
    return byMeaning === null ? byWords : fused([byWords, byMeaning]).slice(0, CANDIDATES);
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
      if (chunk === undefined) return [];
      const highlights = Array.from(wordsIn(chunk.content)).filter(({ word }) => asked.has(word));
      return [passageOf(chunk, score, highlights)];
    });
  }
}
