import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';
import type { Principal } from '../../platform/security/index.js';
import { CombinedMembers } from './combined-members.js';
import type { MemberDto } from './dto/combined-source.dto.js';
import type { DataSourceEntity } from './entities/data-source.entity.js';
import { type Availability, SourceAvailability } from './source-availability.js';

/** What is told of a source. */
export interface Facts {
  source: DataSourceEntity;
  /** The caller has it through a workspace; where it is, and how it is reached, is its owner's to know. */
  isShared: boolean;
  tablesCount: number;
  /** Rows of all tables together; null when rules keep some of them from the caller, so that it does not tell how many. */
  rowCount: number | null;
  availability: Availability;
  /** Where the tables of a combined source come from; null for any other. */
  members: MemberDto[] | null;
}

const COUNT = `
  SELECT source.id,
    (SELECT count(*)::integer FROM source_tables WHERE data_source_id = source.id) AS tables,
    EXISTS (
      SELECT FROM access_rules rule
      WHERE rule.predicate IS NOT NULL
        AND (rule.data_source_id = source.id OR (rule.data_source_id, rule.table_name) IN (
          SELECT member_id, member_table FROM combined_tables part WHERE part.data_source_id = source.id))
        AND (NOT EXISTS (SELECT FROM access_rule_roles WHERE access_rule_id = rule.id)
          OR EXISTS (SELECT FROM access_rule_roles WHERE access_rule_id = rule.id AND role_id = ANY ($2::integer[])))
    ) AS "someRows"
  FROM data_sources source WHERE source.id = ANY ($1::integer[])`;

/** Describes sources for somebody. */
@Injectable()
export class SourceFacts {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly availability: SourceAvailability,
    private readonly members: CombinedMembers,
  ) {}

  /** In the order of the sources. */
  async of(sources: readonly DataSourceEntity[], caller: Principal): Promise<Facts[]> {
    if (sources.length === 0) return [];
    const rows: { id: number; tables: number; someRows: boolean }[] = await this.dataSource.query(COUNT, [
      sources.map(({ id }) => id),
      caller.roleIds,
    ]);
    const combined = sources.filter(({ type }) => type === 'combined');
    const members = await this.members.describe(combined.map(({ id }) => id));
    const counted = new Map(rows.map((row) => [row.id, row]));
    return sources.map((source) => {
      const { tables = 0, someRows = false } = counted.get(source.id) ?? {};
      return {
        source,
        isShared: source.ownerId !== caller.userId,
        tablesCount: tables,
        rowCount: someRows ? null : source.rowCount,
        availability: this.availability.of(source),
        members: members.get(source.id) ?? null,
      };
    });
  }
}
