import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Searches keep which passages they found, and with which key; vectors are bytes, and documents say by which model they have them. */
export class SearchesAndVectors1795760000000 implements MigrationInterface {
  name = 'SearchesAndVectors1795760000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `ALTER TABLE "retrieval_sessions" ADD "passages" jsonb NOT NULL DEFAULT '[]', ADD "api_key_id" integer`,
    );
    await queryRunner.query(
      `ALTER TABLE "retrieval_sessions" ADD CONSTRAINT "fk_retrieval_sessions_api_key_id" FOREIGN KEY ("api_key_id") REFERENCES "api_keys"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_retrieval_sessions_api_key_id_id" ON "retrieval_sessions"  ("api_key_id", "id") `,
    );
    // Made by hashing words, which nothing reads any more.
    await queryRunner.query(`DELETE FROM "embeddings"`);
    await queryRunner.query(`ALTER TABLE "embeddings" DROP CONSTRAINT "ck_embeddings_vector"`);
    await queryRunner.query(`ALTER TABLE "embeddings" DROP COLUMN "vector"`);
    await queryRunner.query(`ALTER TABLE "embeddings" ADD "vector" bytea NOT NULL`);
    await queryRunner.query(
      `ALTER TABLE "embeddings" ADD CONSTRAINT "ck_embeddings_vector" CHECK (octet_length(vector) > 0)`,
    );
    await queryRunner.query(`ALTER TABLE "rag_documents" ADD "embedded_by" character varying(200)`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`ALTER TABLE "rag_documents" DROP COLUMN "embedded_by"`);
    await queryRunner.query(`DELETE FROM "embeddings"`);
    await queryRunner.query(`ALTER TABLE "embeddings" DROP CONSTRAINT "ck_embeddings_vector"`);
    await queryRunner.query(`ALTER TABLE "embeddings" DROP COLUMN "vector"`);
    await queryRunner.query(`ALTER TABLE "embeddings" ADD "vector" real array NOT NULL`);
    await queryRunner.query(
      `ALTER TABLE "embeddings" ADD CONSTRAINT "ck_embeddings_vector" CHECK (cardinality(vector) > 0)`,
    );
    await queryRunner.query(`DROP INDEX "public"."ix_retrieval_sessions_api_key_id_id"`);
    await queryRunner.query(`ALTER TABLE "retrieval_sessions" DROP CONSTRAINT "fk_retrieval_sessions_api_key_id"`);
    await queryRunner.query(`ALTER TABLE "retrieval_sessions" DROP COLUMN "api_key_id", DROP COLUMN "passages"`);
  }
}
