import type { DataSource, EntityManager, QueryRunner } from 'typeorm';

const waiting = new WeakMap<QueryRunner, (() => void)[]>();
const watched = new WeakSet<DataSource>();

/** Does something when the transaction of this manager has been committed; never, when it is rolled back. */
export function afterCommit(dataSource: DataSource, { queryRunner }: EntityManager, work: () => void): void {
  if (queryRunner === undefined) throw new Error('There is no transaction to wait for.');
  watch(dataSource);
  const others = waiting.get(queryRunner);
  if (others === undefined) waiting.set(queryRunner, [work]);
  else others.push(work);
}

function watch(dataSource: DataSource): void {
  if (watched.has(dataSource)) return;
  watched.add(dataSource);
  const take = (queryRunner: QueryRunner): (() => void)[] => {
    const works = waiting.get(queryRunner) ?? [];
    waiting.delete(queryRunner);
    return works;
  };
  dataSource.subscribers.push({
    afterTransactionCommit: ({ queryRunner }) => take(queryRunner).forEach((work) => work()),
    afterTransactionRollback: ({ queryRunner }) => void take(queryRunner),
  });
}
