import { DefaultNamingStrategy } from 'typeorm';

/** Columns and tables in snake_case, keys and indexes with names that can be read in an error message. */
export class SnakeNamingStrategy extends DefaultNamingStrategy {
  override columnName(propertyName: string, customName: string, embeddedPrefixes: string[]): string {
    return snake([...embeddedPrefixes, customName || propertyName].join('_'));
  }

  override relationName(propertyName: string): string {
    return snake(propertyName);
  }

  override joinColumnName(relationName: string, referencedColumnName: string): string {
    return snake(`${relationName}_${referencedColumnName}`);
  }

  override primaryKeyName(table: Parameters<DefaultNamingStrategy['primaryKeyName']>[0]): string {
    return `pk_${nameOf(table)}`;
  }

  override foreignKeyName(table: Parameters<DefaultNamingStrategy['foreignKeyName']>[0], columns: string[]): string {
    return fit(`fk_${nameOf(table)}_${columns.join('_')}`);
  }

  override uniqueConstraintName(
    table: Parameters<DefaultNamingStrategy['uniqueConstraintName']>[0],
    columns: string[],
  ): string {
    return fit(`uq_${nameOf(table)}_${columns.join('_')}`);
  }

  override indexName(table: Parameters<DefaultNamingStrategy['indexName']>[0], columns: string[]): string {
    return fit(`ix_${nameOf(table)}_${columns.join('_')}`);
  }
}

function snake(text: string): string {
  return text.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
}

function nameOf(table: Parameters<DefaultNamingStrategy['primaryKeyName']>[0]): string {
  const name = typeof table === 'string' ? table : table.name;
  return name.split('.').at(-1) ?? name;
}

/** PostgreSQL cuts names at 63 bytes without a word. */
function fit(name: string): string {
  return name.slice(0, 63);
}
