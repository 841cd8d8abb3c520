import type { MigrationInterface, QueryRunner } from 'typeorm';

/** How often a word is in a passage, where those of title and headings have weight A and count three times. */
const FREQUENCY = `least(cardinality(word.positions) + 2 * cardinality(array_positions(word.weights, 'A')), 32767)`;

/** Words of passages as an inverted index by place, instead of vectors of words that must be taken apart for every question. */
export class Postings1795717000000 implements MigrationInterface {
  name = 'Postings1795717000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      'CREATE INDEX ix_rag_documents_place ON rag_documents (coalesce(data_source_id, -owner_id), id)',
    );
    await queryRunner.query(`
      CREATE TABLE rag_postings (
        place integer NOT NULL, document_id integer NOT NULL, chunk_id integer NOT NULL, frequency smallint NOT NULL,
        length smallint NOT NULL, lexeme text NOT NULL,
        CONSTRAINT pk_rag_postings PRIMARY KEY (place, lexeme, chunk_id))`);
    await queryRunner.query(`
      INSERT INTO rag_postings (place, document_id, chunk_id, frequency, length, lexeme)
      SELECT coalesce(document.data_source_id, -document.owner_id), document.id, chunk.id, ${FREQUENCY},
             least(chunk.token_count, 32767), word.lexeme
      FROM rag_documents document JOIN rag_chunks chunk ON chunk.document_id = document.id
           CROSS JOIN LATERAL unnest(chunk.lexemes) word`);
    await queryRunner.query('CREATE INDEX ix_rag_postings_document_id ON rag_postings (document_id)');
    await queryRunner.query(`
      ALTER TABLE rag_postings ADD CONSTRAINT fk_rag_postings_document_id
        FOREIGN KEY (document_id) REFERENCES rag_documents (id) ON DELETE CASCADE ON UPDATE NO ACTION`);
    await queryRunner.query('DROP INDEX ix_rag_chunks_lexemes');
    await queryRunner.query('ALTER TABLE rag_chunks DROP COLUMN lexemes');
    // Whoever gives a document another owner or another source need not know of this table.
    await queryRunner.query(`
      CREATE FUNCTION rag_documents_move_postings() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        UPDATE rag_postings SET place = coalesce(NEW.data_source_id, -NEW.owner_id) WHERE document_id = NEW.id;
        RETURN NULL;
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER rag_documents_move_postings AFTER UPDATE OF owner_id, data_source_id ON rag_documents FOR EACH ROW
      WHEN (coalesce(NEW.data_source_id, -NEW.owner_id) IS DISTINCT FROM coalesce(OLD.data_source_id, -OLD.owner_id))
      EXECUTE FUNCTION rag_documents_move_postings()`);
  }

  /** Words get any positions, as many as they had: nothing but their number was ever used. */
  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER rag_documents_move_postings ON rag_documents');
    await queryRunner.query('DROP FUNCTION rag_documents_move_postings');
    await queryRunner.query(`ALTER TABLE rag_chunks ADD lexemes tsvector NOT NULL DEFAULT ''`);
    await queryRunner.query(`
      UPDATE rag_chunks chunk SET lexemes = made.lexemes
      FROM (
        SELECT chunk_id, string_agg(quote_literal(lexeme) || ':' || (
          SELECT string_agg(position::text, ',') FROM generate_series(1, least(frequency, 255)) position
        ), ' ')::tsvector AS lexemes
        FROM rag_postings GROUP BY chunk_id
      ) made
      WHERE made.chunk_id = chunk.id`);
    await queryRunner.query('CREATE INDEX ix_rag_chunks_lexemes ON rag_chunks USING gin (lexemes)');
    await queryRunner.query('DROP TABLE rag_postings');
    await queryRunner.query('DROP INDEX ix_rag_documents_place');
  }
}
