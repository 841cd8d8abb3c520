import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SchemaDependents } from '../data-sources/index.js';

/** Names the queries that people keep, as verified or behind a chart, when a schema loses what they read. */
@Injectable()
export class BrokenQueries implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly dependents: SchemaDependents,
  ) {}

  onModuleInit(): void {
    this.dependents.add('query', (dataSourceId) => this.dataSource.query(KEPT, [dataSourceId]));
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
