import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { DocumentsService } from './documents.service.js';
import { type FoundPassageDto, passageOf } from './dto/search.dto.js';
import { RagChunk } from './entities/rag-chunk.entity.js';

/** Passages that were found before. */
@Injectable()
export class KnownPassages {
  constructor(
    @InjectRepository(RagChunk) private readonly chunks: Repository<RagChunk>,
    private readonly documents: DocumentsService,
  ) {}

  /** Those of them that are still there and that the caller may see, in no order. */
  async of(chunkIds: readonly number[], caller: Principal): Promise<FoundPassageDto[]> {
    if (chunkIds.length === 0) return [];
    const documents = this.documents.visible(caller).select('document.id');
    const chunks = await this.chunks
      .createQueryBuilder('chunk')
      .innerJoinAndSelect('chunk.document', 'read')
      .where('chunk.id = ANY(:chunkIds)', { chunkIds })
      .andWhere(`chunk.documentId IN (${documents.getQuery()})`)
      .setParameters(documents.getParameters())
      .getMany();
    return chunks.map((chunk) => passageOf(chunk, 0, []));
  }
}
