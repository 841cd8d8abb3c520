import type { MigrationInterface, QueryRunner } from 'typeorm';

const METRICS = ['query_time', 'token_usage', 'storage', 'model_api_calls'];

const PERMISSIONS = [
  'notifications:read',
  'notifications:write',
  'webhooks:read',
  'webhooks:write',
  'alerts:read',
  'alerts:write',
  'usage:read',
];
const PERMISSIONS_OF: Record<string, readonly string[]> = {
  analyst: PERMISSIONS,
  viewer: ['notifications:read', 'notifications:write', 'usage:read'],
};

/** Telling people once, deliveries with their attempts, what use costs, budgets of roles, which query runs which again, and who may do what. */
export class NotificationsWebhooksAndBudgets1795716449815 implements MigrationInterface {
  name = 'NotificationsWebhooksAndBudgets1795716449815';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "notifications" ADD "dedupe_key" character varying(200)`);
    await queryRunner.query(`ALTER TABLE "notifications" ADD "error_message" text`);
    await queryRunner.query(
      `CREATE INDEX "ix_notifications_pending" ON "notifications"  ("id") WHERE status = 'pending'`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "uq_notifications_dedupe_key" ON "notifications"  ("user_id", "channel", "dedupe_key") WHERE dedupe_key IS NOT NULL`,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_notifications_unread" ON "notifications"  ("user_id", "id") WHERE read_at IS NULL`,
    );
    await queryRunner.query(`ALTER TABLE "webhook_deliveries" ADD "attempt_log" jsonb NOT NULL DEFAULT '[]'`);
    await queryRunner.query(`ALTER TABLE "usage_costs" ADD "cost" numeric(20,6)`);
    await queryRunner.query(`ALTER TABLE "usage_costs" ADD "details" jsonb NOT NULL DEFAULT '{}'`);
    await queryRunner.query(`ALTER TABLE "budgets" ADD "role_id" integer`);
    await queryRunner.query(`CREATE INDEX "ix_budgets_role_id" ON "budgets"  ("role_id") `);
    await queryRunner.query(
      `ALTER TABLE "budgets" ADD CONSTRAINT "ck_budgets_whose" CHECK (user_id IS NULL OR role_id IS NULL)`,
    );
    await queryRunner.query(
      `ALTER TABLE "budgets" ADD CONSTRAINT "fk_budgets_role_id" FOREIGN KEY ("role_id") REFERENCES "roles"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await this.allowMetrics(queryRunner, [...METRICS, 'cost']);
    await queryRunner.query('DROP INDEX uq_budgets_user_metric_period');
    // Null stands for nobody in particular: it must not escape uniqueness, and no identity key is 0.
    await queryRunner.query(
      `CREATE UNIQUE INDEX uq_budgets_whose_metric_period
       ON budgets (coalesce(user_id, 0), coalesce(role_id, 0), metric, period)`,
    );
    await queryRunner.query(`ALTER TABLE "queries" ADD "rerun_of_id" integer`);
    await queryRunner.query(`CREATE INDEX "ix_queries_rerun_of_id" ON "queries"  ("rerun_of_id") `);
    await queryRunner.query(
      `ALTER TABLE "queries" ADD CONSTRAINT "fk_queries_rerun_of_id" FOREIGN KEY ("rerun_of_id") REFERENCES "queries"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    );
    for (const [role, permissions] of Object.entries(PERMISSIONS_OF)) {
      await queryRunner.query(
        `UPDATE roles SET permissions = permissions || ARRAY(
           SELECT granted FROM unnest($2::text[]) AS granted WHERE granted <> ALL (permissions))
         WHERE name = $1`,
        [role, permissions],
      );
    }
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE roles SET permissions = ARRAY(
         SELECT permission FROM unnest(permissions) WITH ORDINALITY AS held (permission, place)
         WHERE permission <> ALL ($1::text[]) ORDER BY place)`,
      [[...PERMISSIONS, 'budgets:manage']],
    );
    await queryRunner.query(`ALTER TABLE "queries" DROP CONSTRAINT "fk_queries_rerun_of_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_queries_rerun_of_id"`);
    await queryRunner.query(`ALTER TABLE "queries" DROP COLUMN "rerun_of_id"`);
    await queryRunner.query('DROP INDEX uq_budgets_whose_metric_period');
    await queryRunner.query(`DELETE FROM budgets WHERE role_id IS NOT NULL OR metric = 'cost'`);
    await queryRunner.query(
      'CREATE UNIQUE INDEX uq_budgets_user_metric_period ON budgets (coalesce(user_id, 0), metric, period)',
    );
    await this.allowMetrics(queryRunner, METRICS);
    await queryRunner.query(`ALTER TABLE "budgets" DROP CONSTRAINT "fk_budgets_role_id"`);
    await queryRunner.query(`ALTER TABLE "budgets" DROP CONSTRAINT "ck_budgets_whose"`);
    await queryRunner.query(`DROP INDEX "public"."ix_budgets_role_id"`);
    await queryRunner.query(`ALTER TABLE "budgets" DROP COLUMN "role_id"`);
    await queryRunner.query(`ALTER TABLE "usage_costs" DROP COLUMN "details"`);
    await queryRunner.query(`ALTER TABLE "usage_costs" DROP COLUMN "cost"`);
    await queryRunner.query(`ALTER TABLE "webhook_deliveries" DROP COLUMN "attempt_log"`);
    await queryRunner.query(`DROP INDEX "public"."ix_notifications_unread"`);
    await queryRunner.query(`DROP INDEX "public"."uq_notifications_dedupe_key"`);
    await queryRunner.query(`DROP INDEX "public"."ix_notifications_pending"`);
    await queryRunner.query(`ALTER TABLE "notifications" DROP COLUMN "error_message"`);
    await queryRunner.query(`ALTER TABLE "notifications" DROP COLUMN "dedupe_key"`);
  }

  private async allowMetrics(queryRunner: QueryRunner, metrics: readonly string[]): Promise<void> {
    await queryRunner.query(`ALTER TABLE "budgets" DROP CONSTRAINT "ck_budgets_metric"`);
    await queryRunner.query(
      `ALTER TABLE "budgets" ADD CONSTRAINT "ck_budgets_metric" CHECK (metric IN (${metrics.map((metric) => `'${metric}'`).join(', ')}))`,
    );
  }
}
