import { Injectable } from '@nestjs/common';
import { z } from 'zod';
import { DomainError } from '../../platform/errors/domain-error.js';
import { DataSourcesService, SchemaDto, SchemaService, type SchemaTableDto } from '../data-sources/index.js';
import { READS, tool, type Tool } from './tool.js';
import { cursor, id, limit } from './tool-inputs.js';

const TABLES = 20;

/** Finding out which data there is, and what is in it. */
@Injectable()
export class SourceTools {
  constructor(
    private readonly sources: DataSourcesService,
    private readonly schemas: SchemaService,
  ) {}

  all(): Tool[] {
    return [this.list(), this.describe()];
  }

  private list(): Tool {
    return tool({
      name: 'list_data_sources',
      title: 'List data sources',
      description: 'Lists the data sources that can be asked, with their ids. Begin here.',
      permission: 'data_sources:read',
      annotations: READS,
      input: { limit: limit(50), cursor },
      run: async ({ limit: most, cursor: from }, { caller }) => {
        const page = await this.sources.list(caller, { limit: most, ...(from === undefined ? {} : { cursor: from }) });
        const items = page.items.map(({ id: sourceId, name, type, description, status, tables_count, row_count }) => ({
          id: sourceId,
          name,
          type,
          description,
          status,
          tables_count,
          row_count,
        }));
        return { items, next_cursor: page.nextCursor };
      },
    });
  }

  private describe(): Tool {
    return tool({
      name: 'describe_data_source',
      title: 'Describe a data source',
      description:
        'The tables and columns of a data source with types, descriptions, frequent values, and how tables relate. Read it before ' +
        'you write SQL. Large sources come in pages; name a table to get it alone.',
      permission: 'data_sources:read',
      annotations: READS,
      input: {
        data_source_id: id('From list_data_sources.'),
        table: z.string().max(255).optional().describe('Only this table.'),
        limit: limit(TABLES),
        cursor,
      },
      run: async ({ data_source_id: sourceId, table, limit: most, cursor: from }, { caller }) => {
        const { tables, relationships, ...rest } = await this.schemas.get(sourceId, caller);
        const shown = tables.filter(({ name, hidden }) => !hidden && (table === undefined || name === table));
        if (table !== undefined && shown.length === 0) throw noSuchTable();
        const page = { limit: most, ...(from === undefined ? {} : { cursor: from }) };
        const schema = SchemaDto.from({ ...rest, tables: shown, relationships }, page);
        return {
          tables: schema.tables.map(told),
          relationships: schema.relationships.map(({ from: many, to: one }) => ({ from: many, to: one })),
          next_cursor: schema.next_cursor,
        };
      },
    });
  }
}

/** What is needed to write SQL over a table. */
function told({ name, description, synonyms, row_count, primary_key, columns }: SchemaTableDto): object {
  return {
    name,
    description,
    synonyms,
    row_count,
    primary_key,
    columns: columns
      .filter(({ hidden }) => !hidden)
      .map(({ name: column, type, native_type, nullable, description: about, synonyms: others, stats }) => ({
        name: column,
        type,
        native_type,
        nullable,
        description: about,
        synonyms: others,
        min: stats.min,
        max: stats.max,
        frequent_values: stats.samples,
      })),
  };
}

function noSuchTable(): DomainError {
  return new DomainError(
    'not_found',
    'There is no such table. Call describe_data_source without a table to see which there are.',
  );
}
