import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Queries keep what they went on from and what may go on from them; corrections are found by their question. */
export class QuestionState1795696000000 implements MigrationInterface {
  name = 'QuestionState1795696000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE queries ADD previous_query_id integer, ADD previous_state jsonb, ADD state jsonb,
        ADD CONSTRAINT fk_queries_previous_query_id FOREIGN KEY (previous_query_id) REFERENCES queries (id) ON DELETE SET NULL`);
    await queryRunner.query('CREATE INDEX ix_queries_previous_query_id ON queries (previous_query_id)');
    await queryRunner.query(
      `CREATE INDEX ix_queries_user_id_data_source_id_id ON queries (user_id, data_source_id, id) WHERE choices <> '[]'`,
    );
    await queryRunner.query('ALTER TABLE query_feedback ADD question_key character(64)');
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('ALTER TABLE query_feedback DROP COLUMN question_key');
    await queryRunner.query('DROP INDEX ix_queries_user_id_data_source_id_id');
    await queryRunner.query('DROP INDEX ix_queries_previous_query_id');
    await queryRunner.query(`
      ALTER TABLE queries DROP CONSTRAINT fk_queries_previous_query_id,
        DROP COLUMN state, DROP COLUMN previous_state, DROP COLUMN previous_query_id`);
  }
}
