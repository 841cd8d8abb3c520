import { Module } from '@nestjs/common';
import { DataSourcesModule } from '../data-sources/index.js';
import { QueriesModule } from '../queries/index.js';
import { RagModule } from '../rag/index.js';
import { DocumentTools } from './document-tools.js';
import { McpEndpoint } from './mcp-endpoint.js';
import { McpController } from './mcp.controller.js';
import { QueryTools } from './query-tools.js';
import { SourceTools } from './source-tools.js';

@Module({
  imports: [DataSourcesModule, QueriesModule, RagModule],
  controllers: [McpController],
  providers: [SourceTools, QueryTools, DocumentTools, McpEndpoint],
})
export class McpModule {}
