import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Lists that are narrowed down to what is rare look at their own rows, and not at all that are newer. */
const INDEXES = {
  ix_exports_user_id_status_id: 'exports (user_id, status, id)',
  ix_alerts_user_id_state_id: 'alerts (user_id, state, id)',
  ix_notifications_user_id_channel_id: 'notifications (user_id, channel, id)',
  ix_usage_costs_recorded_at: 'usage_costs (recorded_at)',
  ix_rag_documents_place_status: 'rag_documents (coalesce(data_source_id, -owner_id), status, id)',
};

export class IndexesOfLists1795770000000 implements MigrationInterface {
  name = 'IndexesOfLists1795770000000';

  async up(queryRunner: QueryRunner): Promise<void> {
    for (const [name, columns] of Object.entries(INDEXES))
      await queryRunner.query(`CREATE INDEX "${name}" ON ${columns}`);
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    for (const name of Object.keys(INDEXES)) await queryRunner.query(`DROP INDEX "${name}"`);
  }
}
