/** Names of sources are different from each other, whatever their case, among those of one owner. */
import { type DataSource, QueryFailedError } from 'typeorm';
import { DomainError } from '../../platform/errors/domain-error.js';
import { DataSourceEntity } from './entities/data-source.entity.js';

/** Whether the database refused a source because its owner has one of the same name. */
export function isTakenName(error: unknown): boolean {
  return (
    error instanceof QueryFailedError &&
    'constraint' in error.driverError &&
    error.driverError.constraint === 'uq_data_sources_owner_name'
  );
}

export function nameTaken(): DomainError {
  return new DomainError('conflict', 'You already have a data source of this name. Choose another one.', {
    errors: [{ field: 'name', message: 'is in use' }],
  });
}

/**
 * Looks before long work is done in vain; the database has the last word.
 *
 * @throws DomainError `conflict`
 */
export async function refuseTakenName(dataSource: DataSource, name: string, ownerId: number): Promise<void> {
  const taken = await dataSource
    .getRepository(DataSourceEntity)
    .createQueryBuilder('source')
    .where('source.ownerId = :ownerId AND lower(source.name) = lower(:name)', { ownerId, name })
    .getExists();
  if (taken) throw nameTaken();
}
