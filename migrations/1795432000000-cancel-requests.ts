import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A query that runs in another process can be cancelled: that it is to stop stands in its row. */
export class CancelRequests1795432000000 implements MigrationInterface {
  name = 'CancelRequests1795432000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE queries ADD cancel_requested_at TIMESTAMP WITH TIME ZONE');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE queries DROP COLUMN cancel_requested_at');
  }
}
