import type { DataSource } from 'typeorm';

/** A column whose texts `CredentialCipher` has made; its table has the integer key `id`. */
export interface EncryptedColumn {
  table: string;
  column: string;
}

const declared: { entity: object; property: string }[] = [];

/** Declares that a column of an entity holds what `CredentialCipher` has encrypted, so that a new key reaches it. */
export function Encrypted(): PropertyDecorator {
  return (prototype, property) => {
    declared.push({ entity: prototype.constructor, property: String(property) });
  };
}

/** Every column that was declared as encrypted, of the entities that the data source knows. */
export function encryptedColumns(dataSource: DataSource): EncryptedColumn[] {
  return declared.map(({ entity, property }) => {
    const metadata = dataSource.getMetadata(entity as () => unknown);
    const column = metadata.findColumnWithPropertyName(property);
    if (column === undefined)
      throw new Error(`${metadata.name}.${property} is declared as encrypted and is no column.`);
    return { table: metadata.tableName, column: column.databaseName };
  });
}
