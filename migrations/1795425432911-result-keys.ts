import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Queries know which other runs must have the same result, and who sees the same of the data that they read. */
export class ResultKeys1795425432911 implements MigrationInterface {
  name = 'ResultKeys1795425432911';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE queries ADD result_key character(64), ADD access_key character(64)');
    await queryRunner.query('CREATE INDEX ix_queries_result_key ON queries (result_key) WHERE result_key IS NOT NULL');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP INDEX ix_queries_result_key');
    await queryRunner.query('ALTER TABLE queries DROP COLUMN access_key, DROP COLUMN result_key');
  }
}
