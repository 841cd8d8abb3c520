import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Files of charts and dashboards know what their makers could see, and are given out no longer than that holds. */
export class ExportsOfDashboards1795721000000 implements MigrationInterface {
  name = 'ExportsOfDashboards1795721000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE exports ADD access_key character(64)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE exports DROP COLUMN access_key');
  }
}
