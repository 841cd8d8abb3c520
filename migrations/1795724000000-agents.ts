import type { MigrationInterface, QueryRunner } from 'typeorm';

const STATUSES = ['pending', 'running', 'needs_answer', 'succeeded', 'failed', 'cancelled'];
const TYPES = ['sql', 'validation', 'visualization', 'insight', 'retrieval', 'text'];

const BUILT_IN: [name: string, type: string, config: string, description: string][] = [
  ['SQL', 'sql', '{}', 'Answers a question with a statement that it has proven to read only.'],
  [
    'Validation',
    'validation',
    '{"min_confidence": 0.6, "min_rows": 1}',
    'Looks whether an answer is fit to be relied on.',
  ],
  ['Visualization', 'visualization', '{}', 'Chooses the chart that suits a result.'],
  ['Insight', 'insight', '{"max_findings": 10}', 'Says what stands out in a result.'],
  ['Retrieval', 'retrieval', '{"limit": 5}', 'Finds passages of documents.'],
  ['Text', 'text', '{"use_model": true, "max_findings": 3}', 'Says in words what a result says.'],
];

/** Agents that can be configured, one of each type to begin with; runs that belong to a source, cost something, and may ask back. */
export class Agents1795724000000 implements MigrationInterface {
  name = 'Agents1795724000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE "agents" ADD "is_built_in" boolean NOT NULL DEFAULT false, ADD "version" integer NOT NULL DEFAULT '1'`,
    );
    await queryRunner.query(`DELETE FROM "agents" WHERE NOT (${among('type', TYPES)})`);
    await queryRunner.query(`ALTER TABLE "agents" ADD CONSTRAINT "ck_agents_type" CHECK (${among('type', TYPES)})`);
    await queryRunner.query(`CREATE UNIQUE INDEX "uq_agents_built_in_type" ON "agents"  ("type") WHERE is_built_in`);
    for (const [name, type, config, description] of BUILT_IN) {
      await queryRunner.query(
        `INSERT INTO "agents" ("name", "type", "config", "description", "is_built_in") VALUES ($1, $2, $3, $4, true)
         ON CONFLICT ("name") DO UPDATE SET "type" = excluded.type, "config" = excluded.config, "is_built_in" = true`,
        [name, type, config, description],
      );
    }
    await queryRunner.query(
      `ALTER TABLE "orchestrator_runs" ADD "data_source_id" integer, ADD "error_text" text, ADD "job_id" uuid`,
    );
    await queryRunner.query(
      `UPDATE "orchestrator_runs" SET "data_source_id" = source.id FROM "data_sources" source
       WHERE source.id::text = "input_spec"->>'data_source_id'`,
    );
    await queryRunner.query(`DELETE FROM "orchestrator_runs" WHERE "data_source_id" IS NULL`);
    await queryRunner.query(`ALTER TABLE "orchestrator_runs" ALTER COLUMN "data_source_id" SET NOT NULL`);
    await queryRunner.query(
      `CREATE INDEX "ix_orchestrator_runs_data_source_id" ON "orchestrator_runs"  ("data_source_id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_orchestrator_runs_user_id_status_id" ON "orchestrator_runs"  ("user_id", "status", "id") `,
    );
    await queryRunner.query(
      `ALTER TABLE "orchestrator_runs" ADD CONSTRAINT "fk_orchestrator_runs_data_source_id" FOREIGN KEY ("data_source_id") REFERENCES "data_sources"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "agent_runs" ADD "data_source_id" integer, ADD "token_usage" integer NOT NULL DEFAULT '0', ADD "cost" numeric(14,6) NOT NULL DEFAULT '0', ADD "job_id" uuid`,
    );
    await queryRunner.query(`CREATE INDEX "ix_agent_runs_data_source_id" ON "agent_runs"  ("data_source_id") `);
    await queryRunner.query(
      `CREATE INDEX "ix_agent_runs_user_id_agent_id_id" ON "agent_runs"  ("user_id", "agent_id", "id") `,
    );
    await queryRunner.query(
      `ALTER TABLE "agent_runs" ADD CONSTRAINT "fk_agent_runs_data_source_id" FOREIGN KEY ("data_source_id") REFERENCES "data_sources"("id") ON DELETE CASCADE ON UPDATE NO ACTION`,
    );
    await this.allow(queryRunner, STATUSES);
    await queryRunner.query(
      `UPDATE "roles" SET "permissions" = "permissions" || '{agents:read,agents:run}' WHERE "name" = 'analyst'`,
    );
    await queryRunner.query(
      `UPDATE "roles" SET "permissions" = "permissions" || '{agents:read}' WHERE "name" = 'viewer'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE "roles" SET "permissions" = ARRAY(
         SELECT permission FROM unnest("permissions") WITH ORDINALITY AS held (permission, place)
         WHERE permission NOT IN ('agents:read', 'agents:run', 'agents:manage') ORDER BY place)`,
    );
    await queryRunner.query(`UPDATE "agent_runs" SET "status" = 'failed' WHERE "status" = 'needs_answer'`);
    await queryRunner.query(`UPDATE "orchestrator_runs" SET "status" = 'failed' WHERE "status" = 'needs_answer'`);
    await this.allow(
      queryRunner,
      STATUSES.filter((status) => status !== 'needs_answer'),
    );
    await queryRunner.query(`ALTER TABLE "agent_runs" DROP CONSTRAINT "fk_agent_runs_data_source_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_agent_runs_user_id_agent_id_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_agent_runs_data_source_id"`);
    await queryRunner.query(
      `ALTER TABLE "agent_runs" DROP COLUMN "job_id", DROP COLUMN "cost", DROP COLUMN "token_usage", DROP COLUMN "data_source_id"`,
    );
    await queryRunner.query(`ALTER TABLE "orchestrator_runs" DROP CONSTRAINT "fk_orchestrator_runs_data_source_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_orchestrator_runs_user_id_status_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_orchestrator_runs_data_source_id"`);
    await queryRunner.query(
      `ALTER TABLE "orchestrator_runs" DROP COLUMN "job_id", DROP COLUMN "error_text", DROP COLUMN "data_source_id"`,
    );
    await queryRunner.query(`DELETE FROM "agents" WHERE "is_built_in"`);
    await queryRunner.query(`DROP INDEX "public"."uq_agents_built_in_type"`);
    await queryRunner.query(`ALTER TABLE "agents" DROP CONSTRAINT "ck_agents_type"`);
    await queryRunner.query(`ALTER TABLE "agents" DROP COLUMN "version", DROP COLUMN "is_built_in"`);
  }

  private async allow(queryRunner: QueryRunner, statuses: readonly string[]): Promise<void> {
    for (const table of ['agent_runs', 'orchestrator_runs']) {
      await queryRunner.query(`ALTER TABLE "${table}" DROP CONSTRAINT "ck_${table}_status"`);
      await queryRunner.query(
        `ALTER TABLE "${table}" ADD CONSTRAINT "ck_${table}_status" CHECK (${among('status', statuses)})`,
      );
    }
  }
}

function among(column: string, values: readonly string[]): string {
  return `${column} IN (${values.map((value) => `'${value}'`).join(', ')})`;
}
