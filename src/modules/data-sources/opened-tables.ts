/** Tables as somebody may read them, in the terms of the connectors that read them. */
import type { RemoteTable } from '../../engine/connectors/combined/index.js';
import type { Connector } from '../../engine/connectors/connector.js';
import type { FileTable, Restriction } from '../../engine/connectors/duckdb/index.js';
import type { GuardedStatement } from '../../engine/sql/index.js';
import type { MemberTable, OpenedTable } from './access-rules.js';
import { dialectOf } from './dialect-of.js';

/**
 * The tables that lie in files.
 *
 * @param pathOf where a location of the storage is
 * @param salt of fingerprints
 */
export function fileTables(
  tables: readonly OpenedTable[],
  pathOf: (location: string) => string,
  salt: string,
): FileTable[] {
  return tables.flatMap(({ location, behind, ...table }) => {
    if (location === null) return [];
    const restriction = restrictionOf(table, salt);
    const earlier = behind === undefined ? undefined : restrictionOf(behind, salt);
    return [
      {
        name: table.name,
        file: pathOf(location),
        ...(restriction === undefined ? {} : { restriction }),
        ...(behind === undefined || earlier === undefined
          ? {}
          : { behind: { table: behind.name, restriction: earlier } }),
      },
    ];
  });
}

/** How the members of a combined source are reached. */
interface MemberAccess {
  salt: string;
  check(sql: string, table: MemberTable): Promise<GuardedStatement>;
  connect(table: MemberTable): Promise<Connector>;
}

/** The tables of a combined source that are in databases. */
export function remoteTables(tables: readonly OpenedTable[], { salt, check, connect }: MemberAccess): RemoteTable[] {
  return tables.flatMap(({ behind, ...table }) => {
    if (table.location !== null || behind === undefined) return [];
    const restriction = restrictionOf(table, salt);
    const { source, described } = behind;
    return [
      {
        name: table.name,
        columns: described,
        ...(restriction === undefined ? {} : { restriction }),
        member: {
          id: source.id,
          name: source.name,
          table: behind.name,
          dialect: dialectOf(source.type),
          maskedColumns: new Set(Object.keys(behind.masks ?? {})),
          check: (sql: string) => check(sql, behind),
          connect: () => connect(behind),
        },
      },
    ];
  });
}

function restrictionOf(
  { columns, rowRules = [], masks = {} }: Omit<OpenedTable, 'location' | 'behind'>,
  salt: string,
): Restriction | undefined {
  return rowRules.length + Object.keys(masks).length === 0 ? undefined : { columns, rowRules, masks, salt };
}
