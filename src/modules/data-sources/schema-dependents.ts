import { Injectable } from '@nestjs/common';
import type { Catalog, ColumnRef } from '../../engine/catalog/catalog.js';
import type { SchemaDrift } from './schema-drift.js';

/** Something that reads what a schema does not have any more, or has with another type. */
export interface BrokenDependent {
  /** What it is, and the id that it has as such. */
  kind: 'query' | 'chart';
  id: number;
  /** What people know it by. */
  title: string;
  /** Tables and columns, as `table` or `table.column`. */
  missing: string[];
}

/** Something that reads a source, with all that it reads of it. */
export interface Dependent extends Pick<BrokenDependent, 'id' | 'title'> {
  tables: string[];
  columns: ColumnRef[];
}

/** What a refreshed schema has lost, as `table` or `table.column`. */
export type LostNames = ReadonlySet<string>;

type Finder = (dataSourceId: number) => Promise<Dependent[]>;

/** Later modules say here what they keep that reads a source's tables, so that a change of the schema can name it. */
@Injectable()
export class SchemaDependents {
  private readonly finders: { kind: BrokenDependent['kind']; find: Finder }[] = [];

  /** @param find gives everything of the kind that reads a source */
  add(kind: BrokenDependent['kind'], find: Finder): void {
    this.finders.push({ kind, find });
  }

  /** Those that read what has been lost. */
  async brokenBy(dataSourceId: number, lost: LostNames): Promise<BrokenDependent[]> {
    if (lost.size === 0) return [];
    const found = await Promise.all(
      this.finders.map(async ({ kind, find }) =>
        (await find(dataSourceId)).map(({ id, title, tables, columns }) => {
          const read = [...tables, ...columns.map(({ table, column }) => `${table}.${column}`)];
          return { kind, id, title, missing: read.filter((name) => lost.has(name)) };
        }),
      ),
    );
    return found.flat().filter(({ missing }) => missing.length > 0);
  }
}

/** Every table and column of a catalogue that another one lacks, or has with another type. */
export function lostNames(before: Catalog, after: Catalog): LostNames {
  const types = new Map(
    after.tables.flatMap(({ name, columns }) => [
      [name, ''] as const,
      ...columns.map((column) => [`${name}.${column.name}`, column.nativeType] as const),
    ]),
  );
  return new Set(
    before.tables.flatMap(({ name, columns }) => [
      ...(types.has(name) ? [] : [name]),
      ...columns
        .map((column) => [`${name}.${column.name}`, column.nativeType] as const)
        .filter(([path, type]) => types.get(path) !== type)
        .map(([path]) => path),
    ]),
  );
}

/** What reading a schema again has shown. */
export interface RefreshReport {
  drift: SchemaDrift;
  broken: BrokenDependent[];
}
