import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Turns that are at work, branches, lists and search of conversations; and who may do what with them, also over MCP. */
export class Conversations1795716843003 implements MigrationInterface {
  name = 'Conversations1795716843003';

  async up(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(`DROP INDEX "public"."ix_conversations_user_id_id"`);
    await queryRunner.query(`ALTER TABLE "conversations" ADD "parent_id" integer`);
    await queryRunner.query(`ALTER TABLE "conversations" ADD "branched_from_id" integer`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" ADD "reply_to_id" integer`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" ADD "data_source_id" integer`);
    await queryRunner.query(
      `ALTER TABLE "conversation_messages" ADD "status" character varying(20) NOT NULL DEFAULT 'complete'`,
    );
    await queryRunner.query(`ALTER TABLE "conversation_messages" ADD "lease_until" TIMESTAMP WITH TIME ZONE`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" ADD "request_key" character varying(255)`);
    await queryRunner.query(
      `UPDATE "conversations" SET "last_message_at" = "created_at" WHERE "last_message_at" IS NULL`,
    );
    await queryRunner.query(`ALTER TABLE "conversations" ALTER COLUMN "last_message_at" SET NOT NULL`);
    await queryRunner.query(`ALTER TABLE "conversations" ALTER COLUMN "last_message_at" SET DEFAULT now()`);
    await queryRunner.query(`CREATE INDEX "ix_conversations_parent_id" ON "conversations"  ("parent_id") `);
    await queryRunner.query(
      `CREATE INDEX "ix_conversations_branched_from_id" ON "conversations"  ("branched_from_id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_conversations_of_source" ON "conversations"  ("user_id", "data_source_id", "is_active", "last_message_at", "id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_conversations_user_id_is_active_last_message_at_id" ON "conversations"  ("user_id", "is_active", "last_message_at", "id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_conversation_messages_reply_to_id" ON "conversation_messages"  ("reply_to_id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_conversation_messages_data_source_id" ON "conversation_messages"  ("data_source_id") `,
    );
    await queryRunner.query(
      `CREATE INDEX "ix_conversation_messages_lease_until" ON "conversation_messages"  ("lease_until") WHERE status = 'in_progress'`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "ix_conversation_messages_conversation_id_request_key" ON "conversation_messages"  ("conversation_id", "request_key") WHERE request_key IS NOT NULL`,
    );
    await queryRunner.query(
      `CREATE UNIQUE INDEX "ix_conversation_messages_in_progress" ON "conversation_messages"  ("conversation_id") WHERE status = 'in_progress'`,
    );
    await queryRunner.query(
      `ALTER TABLE "conversation_messages" ADD CONSTRAINT "ck_conversation_messages_status" CHECK (status IN ('complete', 'in_progress', 'failed'))`,
    );
    await queryRunner.query(
      `ALTER TABLE "conversations" ADD CONSTRAINT "fk_conversations_parent_id" FOREIGN KEY ("parent_id") REFERENCES "conversations"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "conversations" ADD CONSTRAINT "fk_conversations_branched_from_id" FOREIGN KEY ("branched_from_id") REFERENCES "conversation_messages"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "conversation_messages" ADD CONSTRAINT "fk_conversation_messages_reply_to_id" FOREIGN KEY ("reply_to_id") REFERENCES "conversation_messages"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `ALTER TABLE "conversation_messages" ADD CONSTRAINT "fk_conversation_messages_data_source_id" FOREIGN KEY ("data_source_id") REFERENCES "data_sources"("id") ON DELETE SET NULL ON UPDATE NO ACTION`,
    );
    await queryRunner.query(
      `CREATE INDEX ix_conversations_words ON conversations USING gin (to_tsvector('simple', regexp_replace(coalesce(title, ''), '[\\W_]+', ' ', 'g')))`,
    );
    await queryRunner.query(
      `CREATE INDEX ix_conversation_messages_words ON conversation_messages USING gin (to_tsvector('simple', regexp_replace(left(message_text, 10000), '[\\W_]+', ' ', 'g'))) WHERE role = 'user'`,
    );
    await queryRunner.query(
      `UPDATE "roles" SET "permissions" = "permissions" || '{conversations:read,conversations:write,mcp:use}' WHERE "name" = 'analyst'`,
    );
    await queryRunner.query(
      `UPDATE "roles" SET "permissions" = "permissions" || '{conversations:read,mcp:use}' WHERE "name" = 'viewer'`,
    );
  }

  async down(queryRunner: QueryRunner): Promise<void> {
    await queryRunner.query(
      `UPDATE "roles" SET "permissions" = ARRAY(
             SELECT permission FROM unnest("permissions") WITH ORDINALITY AS held (permission, place)
             WHERE permission NOT IN ('conversations:read', 'conversations:write', 'mcp:use')
             ORDER BY place)`,
    );
    await queryRunner.query('DROP INDEX ix_conversation_messages_words');
    await queryRunner.query('DROP INDEX ix_conversations_words');
    await queryRunner.query(
      `ALTER TABLE "conversation_messages" DROP CONSTRAINT "fk_conversation_messages_data_source_id"`,
    );
    await queryRunner.query(
      `ALTER TABLE "conversation_messages" DROP CONSTRAINT "fk_conversation_messages_reply_to_id"`,
    );
    await queryRunner.query(`ALTER TABLE "conversations" DROP CONSTRAINT "fk_conversations_branched_from_id"`);
    await queryRunner.query(`ALTER TABLE "conversations" DROP CONSTRAINT "fk_conversations_parent_id"`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" DROP CONSTRAINT "ck_conversation_messages_status"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversation_messages_in_progress"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversation_messages_conversation_id_request_key"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversation_messages_lease_until"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversation_messages_data_source_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversation_messages_reply_to_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversations_user_id_is_active_last_message_at_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversations_of_source"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversations_branched_from_id"`);
    await queryRunner.query(`DROP INDEX "public"."ix_conversations_parent_id"`);
    await queryRunner.query(`ALTER TABLE "conversations" ALTER COLUMN "last_message_at" DROP DEFAULT`);
    await queryRunner.query(`ALTER TABLE "conversations" ALTER COLUMN "last_message_at" DROP NOT NULL`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" DROP COLUMN "request_key"`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" DROP COLUMN "lease_until"`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" DROP COLUMN "status"`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" DROP COLUMN "data_source_id"`);
    await queryRunner.query(`ALTER TABLE "conversation_messages" DROP COLUMN "reply_to_id"`);
    await queryRunner.query(`ALTER TABLE "conversations" DROP COLUMN "branched_from_id"`);
    await queryRunner.query(`ALTER TABLE "conversations" DROP COLUMN "parent_id"`);
    await queryRunner.query(`CREATE INDEX "ix_conversations_user_id_id" ON "conversations"  ("user_id", "id") `);
  }
}
