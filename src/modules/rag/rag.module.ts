import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourcesModule } from '../data-sources/index.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { DocumentItems } from './document-items.js';
import { DocumentReader } from './document-reader.js';
import { DocumentReceiver } from './document-receiver.js';
import { DocumentPolicy } from './document.policy.js';
import { DocumentsController } from './documents.controller.js';
import { DocumentsService } from './documents.service.js';
import { EmbeddingJobs } from './embedding-jobs.js';
import { EmbeddingWork } from './embedding-work.js';
import { Embedding } from './entities/embedding.entity.js';
import { RagChunk } from './entities/rag-chunk.entity.js';
import { RagDocument } from './entities/rag-document.entity.js';
import { RagPosting } from './entities/rag-posting.entity.js';
import { RetrievalSession } from './entities/retrieval-session.entity.js';
import { Ingestion } from './ingestion.js';
import { KnownPassages } from './known-passages.js';
import { LexicalSearch } from './lexical-search.js';
import { Passages } from './passages.js';
import { RetrievalSessionsService } from './retrieval-sessions.service.js';
import { SearchController } from './search.controller.js';
import { SearchService } from './search.service.js';
import { VectorSearch } from './vector-search.js';

@Module({
  imports: [
    WorkspacesModule,
    TypeOrmModule.forFeature([Embedding, RagChunk, RagDocument, RagPosting, RetrievalSession]),
    DataSourcesModule,
  ],
  controllers: [DocumentsController, SearchController],
  providers: [
    DocumentsService,
    DocumentItems,
    DocumentReceiver,
    DocumentReader,
    DocumentPolicy,
    Ingestion,
    Passages,
    LexicalSearch,
    VectorSearch,
    EmbeddingJobs,
    EmbeddingWork,
    KnownPassages,
    RetrievalSessionsService,
    SearchService,
  ],
  exports: [SearchService, KnownPassages, RetrievalSessionsService],
})
export class RagModule {}
