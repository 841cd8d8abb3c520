import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Whoever lists queries gets a page at the same cost however many there are, also of one status, origin or source, or with certain words. */
export class QueryLists1795694000000 implements MigrationInterface {
  name = 'QueryLists1795694000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX ix_queries_user_id_id');
    for (const column of LISTED) {
      await queryRunner.query(`CREATE INDEX ${nameOf(column)} ON queries (${columnsOf(column)})`);
    }
    // Words of names and of SQL alike: without this, the parser takes `orders.total` for the name of a host.
    await queryRunner.query(`
      CREATE INDEX ix_queries_words ON queries USING gin (to_tsvector('simple', regexp_replace(
        left(coalesce(natural_language, ''), 10000) || ' ' || left(coalesce(generated_sql, ''), 10000),
        '[\\W_]+', ' ', 'g')))`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX ix_queries_words');
    for (const column of LISTED) await queryRunner.query(`DROP INDEX ${nameOf(column)}`);
    await queryRunner.query('CREATE INDEX ix_queries_user_id_id ON queries (user_id, id)');
  }
}

const LISTED = ['', 'status', 'origin', 'data_source_id'];

function columnsOf(column: string): string {
  return ['user_id', column, 'created_at', 'id'].filter((name) => name !== '').join(', ');
}

function nameOf(column: string): string {
  return `ix_queries_${columnsOf(column).replaceAll(', ', '_')}`;
}
