import type { MigrationInterface, QueryRunner } from 'typeorm';

/** The roles that exist from the start, and the unique indexes over expressions, which entities cannot say. */
export class RolesAndUniqueNames1795413400000 implements MigrationInterface {
  name = 'RolesAndUniqueNames1795413400000';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query('CREATE UNIQUE INDEX uq_users_username_lower ON users (lower(username))');
    await queryRunner.query('CREATE UNIQUE INDEX uq_users_email_lower ON users (lower(email))');
    await queryRunner.query('CREATE UNIQUE INDEX uq_data_sources_owner_name ON data_sources (owner_id, lower(name))');
    // Null stands for "all": it must not escape uniqueness, and no identity key is 0.
    await queryRunner.query(
      'CREATE UNIQUE INDEX uq_business_glossary_term ON business_glossary (coalesce(data_source_id, 0), lower(term))',
    );
    await queryRunner.query(
      'CREATE UNIQUE INDEX uq_budgets_user_metric_period ON budgets (coalesce(user_id, 0), metric, period)',
    );
    await queryRunner.query(`
      INSERT INTO roles (name, description, permissions) VALUES
        ('admin', 'May do everything.', '{*}'),
        ('analyst', 'Brings in data and asks questions of it.',
         '{account:read,account:write,api_keys:manage,users:read,data_sources:read,data_sources:write,queries:read,queries:write}'),
        ('viewer', 'Reads what others made and shared.',
         '{account:read,account:write,api_keys:manage,data_sources:read,queries:read}')`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DELETE FROM roles WHERE name IN ('admin', 'analyst', 'viewer')`);
    await queryRunner.query('DROP INDEX uq_budgets_user_metric_period');
    await queryRunner.query('DROP INDEX uq_business_glossary_term');
    await queryRunner.query('DROP INDEX uq_data_sources_owner_name');
    await queryRunner.query('DROP INDEX uq_users_email_lower');
    await queryRunner.query('DROP INDEX uq_users_username_lower');
  }
}
