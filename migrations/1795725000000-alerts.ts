import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What alerts remember between their evaluations, and indexes for lists that are narrowed down. */
export class Alerts1795725000000 implements MigrationInterface {
  name = 'Alerts1795725000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE "alerts" ADD "query_id" integer, ADD "state" character varying(30) NOT NULL DEFAULT 'ok',
       ADD "streak" smallint NOT NULL DEFAULT '0', ADD "failing_since" TIMESTAMP WITH TIME ZONE, ADD "evaluated_query_id" integer,
       ADD "evaluated_at" TIMESTAMP WITH TIME ZONE, ADD "last_value" double precision,
       ADD "observations" jsonb NOT NULL DEFAULT '[]'`,
    );
    await queryRunner.query(`CREATE INDEX "ix_alerts_query_id" ON "alerts"  ("query_id") `);
    await queryRunner.query(`ALTER TABLE "alerts" ADD CONSTRAINT "ck_alerts_streak" CHECK (streak >= 0)`);
    await queryRunner.query(
      `ALTER TABLE "alerts" ADD CONSTRAINT "ck_alerts_state" CHECK (state IN ('ok', 'triggered'))`,
    );
    await queryRunner.query(
      `ALTER TABLE "alerts" ADD CONSTRAINT "fk_alerts_query_id" FOREIGN KEY ("query_id") REFERENCES "queries"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    );
    await queryRunner.query(`CREATE INDEX "ix_usage_costs_user_id_id" ON "usage_costs"  ("user_id", "id") `);
    await queryRunner.query(`CREATE INDEX "ix_system_logs_component_id" ON "system_logs"  ("component", "id") `);
    await queryRunner.query(
      `CREATE INDEX "ix_webhook_deliveries_webhook_id_status_id" ON "webhook_deliveries"  ("webhook_id", "status", "id") `,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "public"."ix_webhook_deliveries_webhook_id_status_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_system_logs_component_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_usage_costs_user_id_id"`);
    await queryRunner.query(`ALTER TABLE "alerts" DROP CONSTRAINT "fk_alerts_query_id"`);
    await queryRunner.query(`ALTER TABLE "alerts" DROP CONSTRAINT "ck_alerts_state"`);
    await queryRunner.query(`ALTER TABLE "alerts" DROP CONSTRAINT "ck_alerts_streak"`);
    await queryRunner.query(`DROP INDEX "public"."ix_alerts_query_id"`);
    await queryRunner.query(
      `ALTER TABLE "alerts" DROP COLUMN "observations", DROP COLUMN "last_value", DROP COLUMN "evaluated_at",
       DROP COLUMN "evaluated_query_id", DROP COLUMN "failing_since", DROP COLUMN "streak", DROP COLUMN "state",
       DROP COLUMN "query_id"`,
    );
  }
}
