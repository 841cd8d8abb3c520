import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The administrator may do everything as it is. */
const ANALYST = ['exports:read', 'exports:write', 'scheduled_reports:read', 'scheduled_reports:write'];
const VIEWER = ['exports:read', 'exports:write', 'scheduled_reports:read'];

/** Exports that are made by jobs and expire, deliveries with their tries, and the permissions for both. */
export class ExportsAndReports1795720000000 implements MigrationInterface {
  name = 'ExportsAndReports1795720000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE exports
        ADD raw boolean NOT NULL DEFAULT false,
        ADD progress real NOT NULL DEFAULT '0',
        ADD job_id uuid,
        ADD error_code character varying(50),
        ADD notes jsonb NOT NULL DEFAULT '[]',
        ADD expires_at TIMESTAMP WITH TIME ZONE,
        ADD link_hash character(64),
        DROP CONSTRAINT ck_exports_status,
        ADD CONSTRAINT ck_exports_status CHECK (status IN ('pending', 'running', 'succeeded', 'failed', 'expired'))`);
    await queryRunner.query(
      `CREATE INDEX ix_exports_unfinished ON exports (user_id) WHERE status IN ('pending', 'running')`,
    );
    await queryRunner.query(`CREATE INDEX ix_exports_kept ON exports (expires_at) WHERE status = 'succeeded'`);
    await queryRunner.query(
      'CREATE UNIQUE INDEX ix_exports_link_hash ON exports (link_hash) WHERE link_hash IS NOT NULL',
    );
    await queryRunner.query(`
      ALTER TABLE report_deliveries
        ADD recipient_user_id integer,
        ADD webhook_id integer,
        ADD attempt_log jsonb NOT NULL DEFAULT '[]',
        ADD CONSTRAINT fk_report_deliveries_recipient_user_id
          FOREIGN KEY (recipient_user_id) REFERENCES users (id) ON DELETE SET NULL`);
    await queryRunner.query(
      'CREATE INDEX ix_report_deliveries_recipient_user_id ON report_deliveries (recipient_user_id)',
    );
    await queryRunner.query(
      'CREATE INDEX ix_report_deliveries_scheduled_report_id_id ON report_deliveries (scheduled_report_id, id)',
    );
    for (const [role, permissions] of [
      ['analyst', ANALYST],
      ['viewer', VIEWER],
    ] as const) {
      await queryRunner.query('UPDATE roles SET permissions = permissions || $1::text[] WHERE name = $2', [
        permissions,
        role,
      ]);
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE roles SET permissions = ARRAY(
         SELECT permission FROM unnest(permissions) WITH ORDINALITY AS held (permission, place)
         WHERE permission <> ALL ($1) ORDER BY place)`,
      [ANALYST],
    );
    await queryRunner.query('DROP INDEX ix_report_deliveries_scheduled_report_id_id');
    await queryRunner.query('DROP INDEX ix_report_deliveries_recipient_user_id');
    await queryRunner.query(`
      ALTER TABLE report_deliveries
        DROP CONSTRAINT fk_report_deliveries_recipient_user_id,
        DROP COLUMN attempt_log, DROP COLUMN webhook_id, DROP COLUMN recipient_user_id`);
    await queryRunner.query('DROP INDEX ix_exports_link_hash');
    await queryRunner.query('DROP INDEX ix_exports_kept');
    await queryRunner.query('DROP INDEX ix_exports_unfinished');
    await queryRunner.query(`DELETE FROM exports WHERE status = 'expired'`);
    await queryRunner.query(`
      ALTER TABLE exports
        DROP CONSTRAINT ck_exports_status,
        ADD CONSTRAINT ck_exports_status CHECK (status IN ('pending', 'running', 'succeeded', 'failed')),
        DROP COLUMN link_hash, DROP COLUMN expires_at, DROP COLUMN notes, DROP COLUMN error_code, DROP COLUMN job_id,
        DROP COLUMN progress, DROP COLUMN raw`);
  }
}
