import type { MigrationInterface, QueryRunner } from 'typeorm';

const READS = ['analyst', 'viewer'];
const WRITES = ['analyst'];

/**
 * Versions of workspaces, who let the members have what lies in them, and the permissions for both. What somebody finds in a
 * query that they have through a workspace is theirs, whoever else has kept it.
 */
export class Workspaces1795718000000 implements MigrationInterface {
  name = 'Workspaces1795718000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE workspaces ADD version integer NOT NULL DEFAULT 1');
    await queryRunner.query('ALTER TABLE workspace_items ADD added_by integer');
    await queryRunner.query(`
      UPDATE workspace_items SET added_by = workspaces.user_id FROM workspaces WHERE workspaces.id = workspace_id`);
    await queryRunner.query(`
      ALTER TABLE workspace_items ADD CONSTRAINT fk_workspace_items_added_by FOREIGN KEY (added_by) REFERENCES users (id) ON DELETE RESTRICT`);
    await queryRunner.query('CREATE INDEX ix_workspace_items_added_by ON workspace_items (added_by)');
    await queryRunner.query('DROP INDEX ix_insights_query_id_finding_key');
    await queryRunner.query(`
      CREATE UNIQUE INDEX ix_insights_query_id_finding_key_user_id ON insights (query_id, finding_key, user_id)
      WHERE finding_key IS NOT NULL`);
    for (const [permission, roles] of [
      ['workspaces:read', READS],
      ['workspaces:write', WRITES],
    ] as const) {
      await queryRunner.query(
        `UPDATE roles SET permissions = array_append(permissions, $1::text)
         WHERE name = ANY($2) AND NOT permissions && ARRAY[$1::text]`,
        [permission, roles],
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE roles SET permissions = array_remove(array_remove(permissions, 'workspaces:read'), 'workspaces:write')`,
    );
    await queryRunner.query(`
      DELETE FROM insights one USING insights other
      WHERE one.query_id = other.query_id AND one.finding_key = other.finding_key AND one.id > other.id`);
    await queryRunner.query('DROP INDEX ix_insights_query_id_finding_key_user_id');
    await queryRunner.query(`
      CREATE UNIQUE INDEX ix_insights_query_id_finding_key ON insights (query_id, finding_key) WHERE finding_key IS NOT NULL`);
    await queryRunner.query('DROP INDEX ix_workspace_items_added_by');
    await queryRunner.query(
      'ALTER TABLE workspace_items DROP CONSTRAINT fk_workspace_items_added_by, DROP COLUMN added_by',
    );
    await queryRunner.query('ALTER TABLE workspaces DROP COLUMN version');
  }
}
