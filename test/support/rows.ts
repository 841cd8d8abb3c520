/** Rows of a small installation: ada owns a source and a dashboard, bob asks, everything refers to everything it can. */
export const PEOPLE_AND_QUERIES = `
  INSERT INTO users (id, username, email, password_hash) VALUES
    (1, 'ada', 'ada@example.com', 'x'), (2, 'bob', 'bob@example.com', 'x');
  INSERT INTO refresh_tokens (user_id, token_hash, family, expires_at) VALUES
    (2, repeat('a', 64), '00000000-0000-4000-8000-000000000000', now());
  INSERT INTO data_sources (id, name, type, status, owner_id) VALUES (1, 'Shop', 'file', 'ready', 1);
  INSERT INTO source_tables (id, data_source_id, name, position) VALUES (1, 1, 'orders', 0);
  INSERT INTO source_columns (table_id, name, position, type, native_type, nullable, stats) VALUES
    (1, 'price', 0, 'decimal', 'DECIMAL(10,2)', true, '{"distinct": 3}');
  INSERT INTO queries (id, user_id, data_source_id, natural_language, engine, status, origin, max_rows, timeout_ms) VALUES
    (1, 2, 1, 'how many orders?', 'duckdb', 'succeeded', 'rule_based', 100, 1000),
    (2, 1, 1, 'how many people?', 'duckdb', 'unanswerable', 'rule_based', 100, 1000);
  INSERT INTO query_results (query_id, result_location, result_meta) VALUES (1, 'results/1/1.parquet', '{}');
  INSERT INTO query_metrics (query_id, execution_time_ms, result_rows, result_bytes) VALUES (1, 1.5, 1, 9000000000);
  INSERT INTO query_history (query_id, user_id, action) VALUES (1, 2, 'created'), (1, 1, 'shared');`;

export const EVERYTHING_ELSE = `
  INSERT INTO workspaces (id, user_id, name) VALUES (1, 1, 'Sales');
  INSERT INTO workspace_items (workspace_id, item_type, item_id) VALUES (1, 'dashboard', 1);
  INSERT INTO workspace_members (workspace_id, user_id, permission) VALUES (1, 2, 'view');
  INSERT INTO api_keys (user_id, key_hash, prefix, name) VALUES (2, repeat('b', 64), 'lum_b', 'script');
  INSERT INTO access_rules (id, data_source_id, kind, table_name, predicate, created_by) VALUES (1, 1, 'row', 'orders', 'price > 1', 2);
  INSERT INTO access_rule_roles (access_rule_id, role_id) SELECT 1, id FROM roles WHERE name = 'viewer';
  INSERT INTO verified_queries (data_source_id, query_id, question, sql, created_by) VALUES (1, 1, 'how many?', 'SELECT 1', 2);
  INSERT INTO business_glossary (data_source_id, term, definition, created_by) VALUES
    (1, 'Margin', 'What is left.', 2), (null, 'Margin', 'What is left, everywhere.', 2);
  INSERT INTO conversations (id, user_id, data_source_id) VALUES (1, 2, 1);
  INSERT INTO conversation_messages (conversation_id, sender, role, message_text, query_id) VALUES (1, 'bob', 'user', 'hello', 1);
  UPDATE queries SET conversation_id = 1, workspace_id = 1;
  INSERT INTO agents (id, name, type) VALUES (101, 'explainer', 'insight');
  INSERT INTO agent_runs (agent_id, user_id, query_id, status, input) VALUES (101, 1, 1, 'succeeded', '{}');
  INSERT INTO insights (id, user_id, query_id, conversation_id, author_agent_id, title, content, insight_type) VALUES
    (1, 1, 2, 1, 101, 'Up', 'It rises.', 'trend');
  INSERT INTO dashboards (id, user_id, name) VALUES (1, 1, 'Sales');
  INSERT INTO dashboard_shares (dashboard_id, shared_to_user_id, permission) VALUES (1, 2, 'view');
  INSERT INTO dashboard_versions (dashboard_id, version, content, created_by) VALUES (1, 1, '{}', 2);
  INSERT INTO charts (id, dashboard_id, query_id, name, type) VALUES (1, 1, 1, 'Orders', 'bar');
  INSERT INTO public_links (dashboard_id, token_hash, created_by) VALUES (1, repeat('c', 64), 1);
  INSERT INTO exports (id, user_id, chart_id, format, status) VALUES (1, 1, 1, 'png', 'succeeded');
  INSERT INTO system_logs (user_id, level, component, action) VALUES (2, 'info', 'queries', 'asked');
  INSERT INTO audit_trails (user_id, actor, action, object_type, object_id, previous_hash, hash, created_at) VALUES
    (2, 'session', 'query.created', 'query', 1, repeat('0', 64), repeat('d', 64), now());`;
