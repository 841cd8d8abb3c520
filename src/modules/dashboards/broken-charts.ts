import { Injectable, type OnModuleInit } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import { SchemaDependents } from '../data-sources/index.js';

/** Names the charts on dashboards that read what a schema has lost, as far as they are made of queries of who has the source. */
@Injectable()
export class BrokenCharts implements OnModuleInit {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly dependents: SchemaDependents,
  ) {}

  onModuleInit(): void {
    this.dependents.add('chart', (dataSourceId) => this.dataSource.query(READING, [dataSourceId]));
  }
}

const READING = `
  SELECT chart.id, chart.name || ', on ' || dashboard.name AS title,
         query.receipt->'tables' AS tables, query.receipt->'columns' AS columns
  FROM charts chart JOIN dashboards dashboard ON dashboard.id = chart.dashboard_id
    JOIN queries query ON query.id = chart.query_id
    JOIN data_sources source ON source.id = query.data_source_id AND source.owner_id = query.user_id
  WHERE query.data_source_id = $1 AND query.receipt IS NOT NULL
  ORDER BY chart.id`;
