import type { MigrationInterface, QueryRunner } from 'typeorm';

/** A link to set a password knows whether an administrator has made it: such a one opens accounts that have none. */
export class LinksFromAdministrators1795429973131 implements MigrationInterface {
  name = 'LinksFromAdministrators1795429973131';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE "password_resets" ADD "issued_by_administrator" boolean NOT NULL DEFAULT false`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "password_resets" DROP COLUMN "issued_by_administrator"`);
  }
}
