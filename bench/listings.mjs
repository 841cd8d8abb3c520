/**
 * What the lists of the product cost when their tables hold 100,000 rows, against 1,000: p50 of a page over HTTP, as somebody whose the rows are, and as
 * somebody with a hundred old ones among them.
 */
import { join } from 'node:path';
import pg from 'pg';
import { postgresBinaries, startPostgres } from '../test/support/postgres.mjs';
import { inMilliseconds, median, timed } from './numbers.mjs';
import { signUp, startServer } from './server.mjs';

const FEW = 1_000;
const MANY = 100_000;
/** Rows of somebody else, who has no more whatever there is beside them. */
const OTHERS = 100;
/** Workspaces of one person; those beyond are other people's, as is what lies in them. */
const WORKSPACES_OF_ONE = 50;
/** Rows of a rare kind among all. */
const RARE = 50;
const ROUNDS = 40;
const WARM_UP = 10;
const MOST_GROWTH = 1.5;
const PAGE = 20;

/**
 * How each table is filled: its columns as SQL over `i`, which is the id as well, and `owner`, `source`, `rare`, and `first_of`, the id of the first
 * row that the owner has in any other table.
 *
 * @type {Record<string, Record<string, string>>}
 */
const TABLES = {
  queries: {
    user_id: 'owner',
    data_source_id: 'source',
    engine: `'duckdb'`,
    status: `'succeeded'`,
    origin: `'user_sql'`,
    generated_sql: `'SELECT 1'`,
    max_rows: '1000',
    timeout_ms: '60000',
  },
  dashboards: { user_id: 'owner', name: `CASE WHEN rare THEN 'Zebra ' ELSE 'Dashboard ' END || i` },
  charts: { dashboard_id: 'first_of + (i - first_of) / 30', query_id: 'i', name: `'Chart ' || i`, type: `'bar'` },
  dashboard_versions: {
    dashboard_id: 'first_of',
    version: 'i',
    content: `'{"name": "Dashboard", "layout": {"cards": []}, "filters": [], "charts": []}'`,
  },
  public_links: { dashboard_id: 'first_of', token_hash: `lpad(i::text, 64, '0')`, created_by: 'owner' },
  insights: {
    user_id: 'owner',
    query_id: 'i',
    title: `'Insight ' || i`,
    content: `'It rises.'`,
    insight_type: `CASE WHEN rare THEN 'outlier' ELSE 'trend' END`,
    is_pinned: 'rare',
  },
  conversations: {
    user_id: 'owner',
    data_source_id: 'source',
    title: `CASE WHEN rare THEN 'The zebra' ELSE 'Orders' END`,
    is_active: 'NOT (rare AND i % 3 = 0)',
    last_message_at: `timestamptz '2024-01-01' + i * interval '1 minute'`,
  },
  conversation_messages: {
    conversation_id: 'first_of',
    sender: `'bench'`,
    role: `CASE WHEN i % 2 = 0 THEN 'assistant' ELSE 'user' END`,
    message_text: `'How many orders?'`,
  },
  rag_documents: {
    owner_id: 'owner',
    title: `'Document ' || i`,
    content: `'A text.'`,
    content_hash: `lpad(i::text, 64, '0')`,
    status: `CASE WHEN rare THEN 'failed' ELSE 'ready' END`,
  },
  retrieval_sessions: { user_id: 'owner', search_text: `'orders'` },
  exports: {
    user_id: 'owner',
    query_id: 'i',
    format: `'csv'`,
    status: `CASE WHEN rare THEN 'failed' ELSE 'expired' END`,
  },
  scheduled_reports: {
    user_id: 'owner',
    name: `'Report ' || i`,
    cron_expr: `'0 7 * * 1'`,
    payload: `'{"query_id": 1, "format": "csv", "recipients": ["bench"]}'`,
    is_active: 'false',
  },
  report_deliveries: {
    scheduled_report_id: 'first_of',
    recipient: `'bench'`,
    scheduled_for: `timestamptz '2024-01-01' + i * interval '1 minute'`,
    status: `'sent'`,
  },
  notifications: {
    user_id: 'owner',
    title: `'It has triggered'`,
    body: `'It has.'`,
    channel: `CASE WHEN rare THEN 'email' ELSE 'in_app' END`,
    status: `'sent'`,
    read_at: 'CASE WHEN NOT rare THEN now() END',
  },
  alerts: {
    user_id: 'owner',
    query_id: 'i',
    name: `'Alert ' || i`,
    condition: `'{"type": "missing", "query_id": 1, "timezone": "UTC", "consecutive": 1}'`,
    severity: `'info'`,
    notification_channel: `'in_app'`,
    state: `CASE WHEN rare THEN 'triggered' ELSE 'ok' END`,
  },
  alert_events: { alert_id: 'first_of', kind: `'triggered'` },
  webhooks: {
    user_id: 'owner',
    name: `'Webhook ' || i`,
    url: `'https://example.com/'`,
    secret_encrypted: `'x'`,
    is_active: 'false',
  },
  webhook_deliveries: {
    webhook_id: 'first_of',
    event: `'webhook.test'`,
    payload: `'{}'`,
    status: `CASE WHEN rare THEN 'failed' ELSE 'delivered' END`,
  },
  orchestrator_runs: {
    user_id: 'owner',
    data_source_id: 'source',
    input_spec: `'{"data_source_id": 1, "question": "How many orders?"}'`,
    status: `CASE WHEN rare THEN 'cancelled' ELSE 'failed' END`,
  },
  agent_runs: { agent_id: '1', user_id: 'owner', status: `'failed'`, input: `'{}'` },
  usage_costs: {
    user_id: 'owner',
    metric: `CASE WHEN rare THEN 'token_usage' ELSE 'query_time' END`,
    value: '1',
    unit: `'ms'`,
    recorded_at: `timestamptz '2024-01-01' + i * interval '1 minute'`,
  },
  system_logs: {
    user_id: 'owner',
    level: `CASE WHEN rare THEN 'error' ELSE 'info' END`,
    component: `CASE WHEN rare THEN 'mail' ELSE 'webhooks' END`,
    action: `'delivery'`,
  },
  workspaces: {
    user_id: `CASE WHEN i <= ${OTHERS + WORKSPACES_OF_ONE} THEN owner ELSE 0 END`,
    name: `CASE WHEN rare THEN 'Zebra ' ELSE 'Workspace ' END || i`,
  },
  workspace_items: {
    workspace_id: 'first_of + (i - first_of) / 30',
    item_type: `CASE WHEN i % 2 = 0 THEN 'query' ELSE 'dashboard' END`,
    item_id: 'i',
    added_by: 'owner',
    position: 'i',
  },
};

/** What is asked for; FIRST is the first of what its owner has. Those of the system are for administrators only. */
const LISTS = [
  '/dashboards',
  '/dashboards?text=zebra',
  '/dashboards/FIRST/charts',
  '/dashboards/FIRST/versions',
  '/dashboards/FIRST/public-links',
  '/insights',
  '/insights?type=outlier',
  '/insights?pinned=true',
  '/conversations',
  '/conversations?archived=true',
  '/conversations?text=zebra',
  '/conversations?data_source_id=SOURCE',
  '/conversations/FIRST/messages',
  '/rag/documents',
  '/rag/documents?status=failed',
  '/rag/retrieval-sessions',
  '/exports',
  '/exports?status=failed',
  '/scheduled-reports',
  '/scheduled-reports/FIRST/deliveries',
  '/notifications',
  '/notifications?unread=true',
  '/notifications?channel=email',
  '/alerts',
  '/alerts?state=triggered',
  '/alerts/FIRST/events',
  '/webhooks',
  '/webhooks/FIRST/deliveries',
  '/webhooks/FIRST/deliveries?status=failed',
  '/orchestrator-runs',
  '/orchestrator-runs?status=cancelled',
  '/agents/1/runs',
  '/usage-costs',
  '/usage-costs?metric=token_usage',
  '/usage-costs?from=2024-01-01T00:00:00Z&to=2024-01-01T00:30:00Z',
  '/system-logs',
  '/system-logs?level=error',
  '/system-logs?component=mail',
  '/workspaces',
  '/workspaces?text=zebra',
  '/workspaces/FIRST/items',
  '/workspaces/FIRST/items?item_type=query',
];

/** @param {import('./run.mjs').Bench} bench */
export async function measureListings(bench) {
  if (postgresBinaries() === null) {
    bench.say('PostgreSQL is not installed; nothing is measured');
    return [];
  }
  const postgres = await startPostgres();
  const opened = [];
  try {
    for (const rows of [FEW, MANY]) {
      opened.push(await open(postgres, rows, join(bench.folder, `listings-${rows}`)));
      bench.say(`${rows} rows are in each of ${Object.keys(TABLES).length} tables`);
    }
    const results = [];
    for (const path of LISTS) {
      results.push(
        await compare(
          path,
          'whose they are',
          opened.map(({ owner }) => owner),
        ),
      );
      if (!path.startsWith('/system-logs')) {
        results.push(
          await compare(
            path,
            `with ${OTHERS} of others`,
            opened.map(({ other }) => other),
          ),
        );
      }
    }
    return results;
  } finally {
    for (const { stop } of opened) await stop();
    await postgres.stop();
  }
}

/** A server over its own database, with so many rows of the first person and a few of the second. */
async function open(postgres, rows, dataDir) {
  const database = await postgres.createDatabase(`listings_${rows}`);
  const server = await startServer(dataDir, { DATABASE_URL: database });
  try {
    const people = [];
    for (const username of ['bench', 'other']) {
      const { call } = await signUp(server.url, username);
      people.push({ call, id: (await call('GET', '/auth/me')).id });
    }
    const [owner, other] = people;
    await fill(database, owner.id, other.id, rows);
    return {
      owner: { call: owner.call, first: OTHERS + 1, source: 1 },
      other: { call: other.call, first: 1, source: 2 },
      stop: server.stop,
    };
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** One line of what is measured. */
async function compare(path, who, both) {
  const line = { what: `GET ${path}, for somebody ${who}`, target: `≤ ${MOST_GROWTH}×` };
  try {
    const [few, many] = await medians(path, both);
    const growth = many / few;
    const measured = `${growth.toFixed(2)}× (${inMilliseconds(few)} of ${FEW}, ${inMilliseconds(many)} of ${MANY})`;
    return { ...line, measured, ok: growth <= MOST_GROWTH };
  } catch (error) {
    return { ...line, measured: error.message, ok: false };
  }
}

/** Of the same page of both, by turns, so that whatever else the machine does falls on both. */
async function medians(path, both) {
  const times = both.map(() => []);
  for (let round = 0; round < WARM_UP + ROUNDS; round += 1) {
    for (const [index, { call, first, source }] of both.entries()) {
      const asked = path.replace('FIRST', first).replace('SOURCE', source);
      let page;
      const elapsed = await timed(async () => {
        page = await call('GET', `${asked}${asked.includes('?') ? '&' : '?'}limit=${PAGE}`);
      });
      // A list that gives nothing is fast for nothing.
      if (page.items.length === 0) throw new Error(`${asked} gave nothing`);
      if (round >= WARM_UP) times[index].push(elapsed);
    }
  }
  return times.map(median);
}

async function fill(database, ownerId, otherId, rows) {
  const client = new pg.Client(database);
  await client.connect();
  try {
    // The keys that are referred to are right; looking each of them up would take most of the time.
    await client.query('SET session_replication_role = replica');
    await client.query(
      `INSERT INTO data_sources (name, type, status, owner_id) VALUES ('Source', 'file', 'ready', $1), ('Source', 'file', 'ready', $2)`,
      [ownerId, otherId],
    );
    for (const [table, columns] of Object.entries(TABLES)) {
      const names = Object.keys(columns);
      await client.query(
        `INSERT INTO ${table} (id, ${names.join(', ')})
         OVERRIDING SYSTEM VALUE
         SELECT i, ${Object.values(columns)
           .map((sql) => sql.replace('first_of', 'first_of'))
           .join(', ')}
         FROM (
           SELECT i, i <= ${OTHERS} AS others, CASE WHEN i <= ${OTHERS} THEN ${otherId} ELSE ${ownerId} END AS owner,
                  CASE WHEN i <= ${OTHERS} THEN 2 ELSE 1 END AS source, CASE WHEN i <= ${OTHERS} THEN 1 ELSE ${OTHERS + 1} END AS first_of,
                  i % (CASE WHEN i <= ${OTHERS} THEN 2 ELSE ${rows / RARE} END) = 0 AS rare
           FROM generate_series(1, ${OTHERS + rows}) AS i
         ) AS numbered`,
      );
    }
    await client.query('INSERT INTO workspace_members (workspace_id, user_id, permission) SELECT 1, $1, $2', [
      otherId,
      'view',
    ]);
    await client.query('VACUUM ANALYZE');
  } finally {
    await client.end();
  }
}
