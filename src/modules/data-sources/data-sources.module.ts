import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';
import { DataSourceEntity } from './entities/data-source.entity.js';
import { SourceColumn } from './entities/source-column.entity.js';
import { SourceRelationship } from './entities/source-relationship.entity.js';
import { SourceTable } from './entities/source-table.entity.js';

@Module({
  imports: [TypeOrmModule.forFeature([DataSourceEntity, SourceTable, SourceColumn, SourceRelationship])],
})
export class DataSourcesModule {}
