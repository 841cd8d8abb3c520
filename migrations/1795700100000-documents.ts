import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The administrator may do everything as it is. */
const READS = ['analyst', 'viewer'];
const WRITES = ['analyst'];

/** Documents that are read in by jobs, passages with their places and words, and the permissions for both. */
export class Documents1795700100000 implements MigrationInterface {
  name = 'Documents1795700100000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      ALTER TABLE rag_documents
        ADD format character varying(20) NOT NULL DEFAULT 'text',
        ADD status character varying(12) NOT NULL DEFAULT 'ready',
        ADD error_code character varying(50),
        ADD error_detail text,
        ADD file_name character varying(500),
        ADD language character varying(30) NOT NULL DEFAULT 'english',
        ADD size_bytes integer NOT NULL DEFAULT 0,
        ADD version integer NOT NULL DEFAULT 1,
        ADD chunks_count integer NOT NULL DEFAULT 0,
        ADD words_count integer NOT NULL DEFAULT 0,
        ADD CONSTRAINT ck_rag_documents_status CHECK (status IN ('processing', 'ready', 'failed')),
        ADD CONSTRAINT ck_rag_documents_format CHECK (format IN ('text', 'markdown', 'html', 'pdf', 'docx'))`);
    // No source is a place as well, and no identity key is 0.
    await queryRunner.query(
      'CREATE UNIQUE INDEX uq_rag_documents_content ON rag_documents (owner_id, coalesce(data_source_id, 0), content_hash)',
    );
    await queryRunner.query(`
      ALTER TABLE rag_chunks
        ADD heading character varying(400) NOT NULL DEFAULT '',
        ADD start_offset integer NOT NULL DEFAULT 0,
        ADD end_offset integer NOT NULL DEFAULT 0,
        ADD lexemes tsvector NOT NULL DEFAULT ''`);
    await queryRunner.query('CREATE INDEX ix_rag_chunks_lexemes ON rag_chunks USING gin (lexemes)');
    for (const [permission, roles] of [
      ['documents:read', READS],
      ['documents:write', WRITES],
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
      `UPDATE roles SET permissions = array_remove(array_remove(permissions, 'documents:read'), 'documents:write')`,
    );
    await queryRunner.query('DROP INDEX ix_rag_chunks_lexemes');
    await queryRunner.query(`
      ALTER TABLE rag_chunks DROP COLUMN lexemes, DROP COLUMN end_offset, DROP COLUMN start_offset, DROP COLUMN heading`);
    await queryRunner.query('DROP INDEX uq_rag_documents_content');
    await queryRunner.query(`
      ALTER TABLE rag_documents
        DROP CONSTRAINT ck_rag_documents_format, DROP CONSTRAINT ck_rag_documents_status,
        DROP COLUMN words_count, DROP COLUMN chunks_count, DROP COLUMN version, DROP COLUMN size_bytes,
        DROP COLUMN language, DROP COLUMN file_name, DROP COLUMN error_detail, DROP COLUMN error_code,
        DROP COLUMN status, DROP COLUMN format`);
  }
}
