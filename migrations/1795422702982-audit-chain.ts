import type { MigrationInterface, QueryRunner } from 'typeorm';

const ACTORS = "'session', 'api_key', 'mcp', 'schedule', 'command_line', 'system'";

/**
 * The audit trail becomes a chain: a trigger gives each new row its place, its time and its hash, another refuses to change
 * or remove one. The place is taken under a lock on the end of the chain, so that no number is ever left out.
 */
export class AuditChain1795422702982 implements MigrationInterface {
  name = 'AuditChain1795422702982';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE TABLE audit_chain (
        id integer NOT NULL, length integer NOT NULL, hash character(64) NOT NULL,
        CONSTRAINT ck_audit_chain_one_row CHECK (id = 1), CONSTRAINT pk_audit_chain PRIMARY KEY (id))`);
    await queryRunner.query('ALTER TABLE audit_trails ADD api_key_id integer, ADD request_id character varying(100)');
    await queryRunner.query('CREATE INDEX ix_audit_trails_created_at ON audit_trails (created_at)');
    await queryRunner.query('ALTER TABLE audit_trails DROP CONSTRAINT ck_audit_trails_actor');
    await queryRunner.query(
      `ALTER TABLE audit_trails ADD CONSTRAINT ck_audit_trails_actor CHECK (actor IN (${ACTORS}, 'anonymous'))`,
    );
    // Nothing has written to the trail before.
    await queryRunner.query('DELETE FROM audit_trails');
    await queryRunner.query(`INSERT INTO audit_chain (id, length, hash) VALUES (1, 0, repeat('0', 64))`);
    // A JSON array leaves no doubt where one value ends and the next begins.
    await queryRunner.query(`
      CREATE FUNCTION audit_row_content(entry audit_trails) RETURNS text LANGUAGE sql STABLE AS $$
        SELECT jsonb_build_array(
          entry.id, entry.user_id, entry.actor, entry.api_key_id, host(entry.ip_address), entry.request_id, entry.action,
          entry.object_type, entry.object_id, entry.diff,
          to_char(entry.created_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))::text
      $$`);
    await queryRunner.query(`
      CREATE FUNCTION audit_trails_append() RETURNS trigger LANGUAGE plpgsql AS $$
      DECLARE
        last audit_chain;
      BEGIN
        SELECT * INTO STRICT last FROM audit_chain WHERE id = 1 FOR UPDATE;
        NEW.id := last.length + 1;
        NEW.previous_hash := last.hash;
        NEW.created_at := date_trunc('milliseconds', clock_timestamp());
        NEW.hash := encode(sha256(convert_to(NEW.previous_hash || audit_row_content(NEW), 'UTF8')), 'hex');
        UPDATE audit_chain SET length = NEW.id, hash = NEW.hash WHERE id = 1;
        RETURN NEW;
      END $$`);
    await queryRunner.query(`
      CREATE FUNCTION audit_trails_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        RAISE EXCEPTION 'Rows of the audit trail are neither changed nor removed' USING ERRCODE = 'restrict_violation';
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER audit_trails_append BEFORE INSERT ON audit_trails
      FOR EACH ROW EXECUTE FUNCTION audit_trails_append()`);
    await queryRunner.query(`
      CREATE TRIGGER audit_trails_keep BEFORE UPDATE OR DELETE ON audit_trails
      FOR EACH ROW EXECUTE FUNCTION audit_trails_refuse()`);
    await queryRunner.query(`
      CREATE TRIGGER audit_trails_keep_all BEFORE TRUNCATE ON audit_trails
      FOR EACH STATEMENT EXECUTE FUNCTION audit_trails_refuse()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const trigger of ['audit_trails_keep_all', 'audit_trails_keep', 'audit_trails_append']) {
      await queryRunner.query(`DROP TRIGGER ${trigger} ON audit_trails`);
    }
    await queryRunner.query('DROP FUNCTION audit_trails_refuse');
    await queryRunner.query('DROP FUNCTION audit_trails_append');
    await queryRunner.query('DROP FUNCTION audit_row_content');
    await queryRunner.query(`DELETE FROM audit_trails WHERE actor = 'anonymous'`);
    await queryRunner.query('ALTER TABLE audit_trails DROP CONSTRAINT ck_audit_trails_actor');
    await queryRunner.query(
      `ALTER TABLE audit_trails ADD CONSTRAINT ck_audit_trails_actor CHECK (actor IN (${ACTORS}))`,
    );
    await queryRunner.query('DROP INDEX ix_audit_trails_created_at');
    await queryRunner.query('ALTER TABLE audit_trails DROP COLUMN request_id, DROP COLUMN api_key_id');
    await queryRunner.query('DROP TABLE audit_chain');
  }
}
