import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { Embedding } from './entities/embedding.entity.js';
import { RagChunk } from './entities/rag-chunk.entity.js';
import { RagDocument } from './entities/rag-document.entity.js';
import { RetrievalSession } from './entities/retrieval-session.entity.js';

@Module({ imports: [TypeOrmModule.forFeature([Embedding, RagChunk, RagDocument, RetrievalSession])] })
export class RagModule {}
