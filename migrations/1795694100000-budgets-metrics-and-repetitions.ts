import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Queries keep their caps, every run leaves its times and how it ended, a question has one verified query, and the answers to
 * requests with an idempotency key are kept encrypted. Nothing has written such answers before.
 */
export class BudgetsMetricsAndRepetitions1795694100000 implements MigrationInterface {
  name = 'BudgetsMetricsAndRepetitions1795694100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE queries ADD caps jsonb');
    await queryRunner.query(`
      ALTER TABLE query_metrics
        ADD outcome character varying(20) NOT NULL DEFAULT 'succeeded',
        ADD cache_hit boolean NOT NULL DEFAULT false,
        ADD queue_ms double precision, ADD plan_ms double precision, ADD guard_ms double precision,
        ADD CONSTRAINT ck_query_metrics_outcome CHECK (outcome IN ('succeeded', 'failed', 'cancelled'))`);
    await queryRunner.query('DROP INDEX ix_query_metrics_query_id');
    await queryRunner.query('CREATE INDEX ix_query_metrics_query_id_id ON query_metrics (query_id, id)');
    await queryRunner.query(`
      ALTER TABLE verified_queries ADD question_key character(64),
        ADD CONSTRAINT uq_verified_queries_data_source_id_question_key UNIQUE (data_source_id, question_key)`);
    await queryRunner.query('DELETE FROM idempotency_keys');
    await queryRunner.query(`
      ALTER TABLE idempotency_keys
        DROP CONSTRAINT uq_idempotency_keys_user_id_key,
        DROP COLUMN method, DROP COLUMN path, DROP COLUMN response_status, DROP COLUMN response_body,
        ADD scope character(64) NOT NULL, ADD attempt uuid NOT NULL, ADD busy_until timestamptz, ADD answer_encrypted text,
        ADD CONSTRAINT uq_idempotency_keys_user_id_scope_key UNIQUE (user_id, scope, key)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DELETE FROM idempotency_keys');
    await queryRunner.query(`
      ALTER TABLE idempotency_keys
        DROP CONSTRAINT uq_idempotency_keys_user_id_scope_key,
        DROP COLUMN scope, DROP COLUMN attempt, DROP COLUMN busy_until, DROP COLUMN answer_encrypted,
        ADD method character varying(10) NOT NULL, ADD path character varying(2000) NOT NULL,
        ADD response_status smallint, ADD response_body jsonb,
        ADD CONSTRAINT uq_idempotency_keys_user_id_key UNIQUE (user_id, key)`);
    await queryRunner.query(`
      ALTER TABLE verified_queries
        DROP CONSTRAINT uq_verified_queries_data_source_id_question_key, DROP COLUMN question_key`);
    await queryRunner.query('DROP INDEX ix_query_metrics_query_id_id');
    await queryRunner.query('CREATE INDEX ix_query_metrics_query_id ON query_metrics (query_id)');
    await queryRunner.query(`
      ALTER TABLE query_metrics
        DROP CONSTRAINT ck_query_metrics_outcome,
        DROP COLUMN guard_ms, DROP COLUMN plan_ms, DROP COLUMN queue_ms, DROP COLUMN cache_hit, DROP COLUMN outcome`);
    await queryRunner.query('ALTER TABLE queries DROP COLUMN caps');
  }
}
