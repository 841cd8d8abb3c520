import type { MigrationInterface, QueryRunner } from 'typeorm';

const ROLES = [
  ['dashboards:read', ['analyst', 'viewer']],
  ['dashboards:write', ['analyst']],
  ['dashboards:publish', ['analyst']],
] as const;

/** What dashboards can be filtered by, whose rules hold behind public links, an index of public dashboards, and the permissions. */
export class Dashboards1795718100000 implements MigrationInterface {
  name = 'Dashboards1795718100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE dashboards ADD filters jsonb NOT NULL DEFAULT '[]'`);
    await queryRunner.query('CREATE INDEX ix_dashboards_id ON dashboards (id) WHERE is_public');
    await queryRunner.query(`
      ALTER TABLE public_links ALTER COLUMN filters SET DEFAULT '[]',
        ADD role_ids integer array NOT NULL DEFAULT '{}'`);
    await queryRunner.query(`UPDATE public_links SET filters = '[]'`);
    for (const [permission, roles] of ROLES) {
      await queryRunner.query(
        `UPDATE roles SET permissions = array_append(permissions, $1::text)
         WHERE name = ANY($2) AND NOT permissions && ARRAY[$1::text]`,
        [permission, roles],
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const [permission] of ROLES) {
      await queryRunner.query('UPDATE roles SET permissions = array_remove(permissions, $1::text)', [permission]);
    }
    await queryRunner.query(`ALTER TABLE public_links DROP COLUMN role_ids, ALTER COLUMN filters SET DEFAULT '{}'`);
    await queryRunner.query('DROP INDEX ix_dashboards_id');
    await queryRunner.query('ALTER TABLE dashboards DROP COLUMN filters');
  }
}
