import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * The end of the audit chain stays too: without it, nobody would notice rows that were taken off the chain. It moves by
 * one row at a time, and only when the trail's own trigger appends one.
 */
export class KeepTheEndOfTheAuditChain1795430000000 implements MigrationInterface {
  name = 'KeepTheEndOfTheAuditChain1795430000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`
      CREATE FUNCTION audit_chain_keep() RETURNS trigger LANGUAGE plpgsql AS $$
      BEGIN
        -- Inside the trigger of another table, which appends.
        IF TG_OP = 'UPDATE' AND pg_trigger_depth() > 1 THEN
          IF NEW.id = OLD.id AND NEW.length = OLD.length + 1 THEN
            RETURN NEW;
          END IF;
        END IF;
        RAISE EXCEPTION 'The end of the audit trail is neither moved nor removed' USING ERRCODE = 'restrict_violation';
      END $$`);
    await queryRunner.query(`
      CREATE TRIGGER audit_chain_keep BEFORE UPDATE OR DELETE ON audit_chain
      FOR EACH ROW EXECUTE FUNCTION audit_chain_keep()`);
    await queryRunner.query(`
      CREATE TRIGGER audit_chain_keep_all BEFORE TRUNCATE ON audit_chain
      FOR EACH STATEMENT EXECUTE FUNCTION audit_chain_keep()`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('DROP TRIGGER audit_chain_keep_all ON audit_chain');
    await queryRunner.query('DROP TRIGGER audit_chain_keep ON audit_chain');
    await queryRunner.query('DROP FUNCTION audit_chain_keep');
  }
}
