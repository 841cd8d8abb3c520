import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { SystemModule } from '../system/index.js';
import { AccessRulesController } from './access-rules.controller.js';
import { AccessRulesService } from './access-rules.service.js';
import { CatalogService } from './catalog.service.js';
import { CombinedMembers } from './combined-members.js';
import { CombinedSourcesController } from './combined-sources.controller.js';
import { CombinedSourcesService } from './combined-sources.service.js';
import { ConnectorsService } from './connectors.service.js';
import { DataSourcePolicy } from './data-source.policy.js';
import { DataSourcesController } from './data-sources.controller.js';
import { DataSourcesService } from './data-sources.service.js';
import { WorkspacesModule } from '../workspaces/index.js';
import { AccessRuleRole } from './entities/access-rule-role.entity.js';
import { AccessRule } from './entities/access-rule.entity.js';
import { CombinedTable } from './entities/combined-table.entity.js';
import { DataSourceConfig } from './entities/data-source-config.entity.js';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceColumn } from './entities/source-column.entity.js';
import { SourceRelationship } from './entities/source-relationship.entity.js';
import { SourceTable } from './entities/source-table.entity.js';
import { FileImports } from './file-imports.js';
import { MaskKey } from './mask-key.js';
import { RemotePreviews } from './remote-previews.js';
import { RemoteSourcesController } from './remote-sources.controller.js';
import { RemoteSourcesService } from './remote-sources.service.js';
import { RuledNames } from './ruled-names.js';
import { SchemaDependents } from './schema-dependents.js';
import { SchemaService } from './schema.service.js';
import { SourceViews } from './source-views.js';
import { SqlGuards } from './sql-guards.js';
import { SourceAvailability } from './source-availability.js';
import { SourceFacts } from './source-facts.js';
import { SourceFilesController } from './source-files.controller.js';
import { SourceItems } from './source-items.js';
import { SourceInspection } from './source-inspection.js';
import { SourceRemovals } from './source-removals.js';
import { SourceTablesService } from './source-tables.service.js';
import { SourceTurns } from './source-turns.js';
import { SupersededFiles } from './superseded-files.js';
import { UploadPreviews } from './upload-previews.js';
import { UploadReceiver } from './upload-receiver.js';
import { UploadsService } from './uploads.service.js';

@Module({
  imports: [
    SystemModule,
    WorkspacesModule,
    TypeOrmModule.forFeature([
      DataSourceEntity,
      DataSourceConfig,
      CombinedTable,
      SourceTable,
      SourceColumn,
      SourceRelationship,
      AccessRule,
      AccessRuleRole,
    ]),
  ],
  controllers: [
    SourceFilesController,
    DataSourcesController,
    RemoteSourcesController,
    CombinedSourcesController,
    AccessRulesController,
  ],
  providers: [
    DataSourcesService,
    SchemaService,
    AccessRulesService,
    SqlGuards,
    RuledNames,
    MaskKey,
    SchemaDependents,
    SourceAvailability,
    SourceFacts,
    SourceInspection,
    SourceItems,
    SourceRemovals,
    SourceTurns,
    RemotePreviews,
    RemoteSourcesService,
    CombinedSourcesService,
    CombinedMembers,
    SourceViews,
    UploadsService,
    UploadPreviews,
    FileImports,
    SourceTablesService,
    SupersededFiles,
    UploadReceiver,
    CatalogService,
    ConnectorsService,
    DataSourcePolicy,
  ],
  exports: [
    DataSourcesService,
    SchemaService,
    ConnectorsService,
    SqlGuards,
    SchemaDependents,
    SourceAvailability,
    SourceRemovals,
    SourceTurns,
    UploadReceiver,
  ],
})
export class DataSourcesModule {}
