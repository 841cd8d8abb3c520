import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { ColumnRef } from '../../engine/catalog/catalog.js';
import { type BrokenDependent, type LostNames, SchemaDependents } from '../data-sources/index.js';

interface KeptQuery {
  id: number;
  title: string;
  tables: string[];
  columns: ColumnRef[];
}

/** Names the queries that people keep, as verified or behind a chart, when a schema loses what they read. */
@Injectable()
export class BrokenQueries implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly dependents: SchemaDependents,
  ) {}

  onModuleInit(): void {
    this.dependents.add((dataSourceId, lost) => this.find(dataSourceId, lost));
  }

  private async find(dataSourceId: number, lost: LostNames): Promise<BrokenDependent[]> {
    const kept: KeptQuery[] = await this.dataSource.query(KEPT, [dataSourceId]);
    return kept
      .map(({ id, title, tables, columns }) => {
        const read = [...tables, ...columns.map(({ table, column }) => `${table}.${column}`)];
        return { kind: 'query' as const, id, title, missing: read.filter((name) => lost.has(name)) };
      })
      .filter(({ missing }) => missing.length > 0);
  }
}

const KEPT = `
  SELECT id, coalesce(natural_language, left(generated_sql, 200)) AS title,
         receipt->'tables' AS tables, receipt->'columns' AS columns
  FROM queries query
  WHERE data_source_id = $1 AND receipt IS NOT NULL
    AND (EXISTS (SELECT FROM verified_queries kept WHERE kept.query_id = query.id AND kept.is_active)
         OR EXISTS (SELECT FROM charts kept JOIN data_sources source ON source.id = $1 AND source.owner_id = query.user_id
                    WHERE kept.query_id = query.id))
  ORDER BY id`;
