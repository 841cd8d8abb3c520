/**
 * Who is who when access control is attacked, which rows the attacks are after, and a valid request for every operation.
 *
 * A route that is new gets its request from the OpenAPI document. What the document cannot tell is in the tables here; the
 * tests name what is missing in them.
 */
import { randomUUID } from 'node:crypto';
import { type Account, Client, newAccount, serverUrl } from './client.js';
import { newSource, TRIPS } from './data.js';
import { type Operation, PREFIX, type Schema, valueFor } from './operations.js';
import type { ApiKey, Query } from './shapes.js';
import { Stored } from './stored.js';

/** Valid as an id, and nobody's. */
export const MISSING_ID = 2_000_000_000;

/** The largest id: what the document limits to it is the id of a row. */
const LARGEST_ID = 2_147_483_647;

interface Kind {
  make: (scene: Scene) => Promise<number>;
  /** Whether it is its owner's alone; otherwise everybody who has the permission may touch it. */
  isPrivate: boolean;
}

const KINDS = {
  number: { isPrivate: true, make: (scene) => scene.newQuery({ sql: 'SELECT count(*) AS n FROM trips' }) },
  alert: { isPrivate: true, make: (scene) => scene.newAlert() },
  budget: { isPrivate: false, make: (scene) => scene.newBudget() },
  notification: { isPrivate: true, make: (scene) => scene.newNotification() },
  webhook: { isPrivate: true, make: (scene) => scene.newWebhook() },
  webhookDelivery: { isPrivate: true, make: (scene) => scene.newDelivery() },
  account: { isPrivate: false, make: async () => (await newAccount()).id },
  apiKey: { isPrivate: true, make: async (scene) => (await scene.newKey(scene.victim)).id },
  dataSource: { isPrivate: true, make: (scene) => scene.newSource() },
  openQuestion: { isPrivate: true, make: (scene) => scene.newOpenQuestion() },
  combined: { isPrivate: true, make: (scene) => scene.newCombined() },
  insight: { isPrivate: true, make: (scene) => scene.newInsight() },
  promptTemplate: { isPrivate: false, make: (scene) => scene.newPromptTemplate() },
  queryWithFindings: { isPrivate: true, make: (scene) => scene.newQuery({ sql: STRIKING }) },
  conversation: { isPrivate: true, make: (scene) => scene.newConversation() },
  message: { isPrivate: true, make: (scene) => scene.newMessage() },
  database: { isPrivate: true, make: (scene) => scene.newDatabase() },
  document: { isPrivate: true, make: (scene) => scene.newDocument() },
  retrievalSession: { isPrivate: true, make: (scene) => scene.newRetrievalSession() },
  query: { isPrivate: true, make: (scene) => scene.newQuery({ sql: `SELECT '${scene.marker}' AS secret` }) },
  dashboard: { isPrivate: true, make: (scene) => scene.newDashboard() },
  chart: { isPrivate: true, make: async (scene) => scene.partsOf(await scene.newDashboard()).chart },
  outsider: { isPrivate: false, make: async () => (await newAccount()).id },
  workspace: { isPrivate: true, make: (scene) => scene.newWorkspace() },
  export: { isPrivate: true, make: (scene) => scene.newExport() },
  scheduledReport: { isPrivate: true, make: (scene) => scene.newScheduledReport() },
  verifiedQuery: { isPrivate: true, make: (scene) => scene.newVerifiedQuery() },
  glossaryTerm: { isPrivate: true, make: (scene) => scene.newGlossaryTerm() },
  evaluationSuite: { isPrivate: true, make: (scene) => scene.newSuite() },
  evaluationCase: { isPrivate: true, make: (scene) => scene.newCase() },
  evaluationRun: { isPrivate: true, make: (scene) => scene.newRun() },
  agent: { isPrivate: false, make: (scene) => scene.newAgent() },
  agentRun: { isPrivate: true, make: (scene) => scene.newAgentRun() },
  orchestratorRun: { isPrivate: true, make: (scene) => scene.newOrchestratorRun() },
  waitingRun: { isPrivate: true, make: (scene) => scene.newOrchestratorRun('How many trips by price?') },
  role: { isPrivate: false, make: (scene) => scene.newRole() },
} satisfies Record<string, Kind>;
type KindName = keyof typeof KINDS;

/** What the ids of a path belong to, by the path up to them. */
const PATH_IDS: Record<string, KindName> = {
  '/alerts/{id}': 'alert',
  '/budgets/{id}': 'budget',
  '/notifications/{id}': 'notification',
  '/webhooks/{id}': 'webhook',
  '/admin/users/{id}': 'account',
  '/agents/{id}': 'agent',
  '/agent-runs/{id}': 'agentRun',
  '/api-keys/{id}': 'apiKey',
  '/business-glossary/{id}': 'glossaryTerm',
  '/conversations/{id}': 'conversation',
  '/charts/{id}': 'chart',
  '/dashboards/{id}': 'dashboard',
  '/data-sources/{id}': 'dataSource',
  '/evaluations/cases/{id}': 'evaluationCase',
  '/evaluations/runs/{id}': 'evaluationRun',
  '/evaluations/runs/{id}/compare/{other}': 'evaluationRun',
  '/evaluations/suites/{id}': 'evaluationSuite',
  '/exports/{id}': 'export',
  '/insights/{id}': 'insight',
  '/orchestrator-runs/{id}': 'orchestratorRun',
  '/prompt-templates/{id}': 'promptTemplate',
  '/queries/{id}': 'query',
  '/rag/documents/{id}': 'document',
  '/rag/retrieval-sessions/{id}': 'retrievalSession',
  '/roles/{id}': 'role',
  '/scheduled-reports/{id}': 'scheduledReport',
  '/users/{id}': 'account',
  '/verified-queries/{id}': 'verifiedQuery',
  '/workspaces/{id}': 'workspace',
};

/** Operations whose row has to be in a state of its own. */
const KIND_FOR: Record<string, KindName> = {
  'POST /orchestrator-runs/{id}/answer': 'waitingRun',
  'POST /queries/{id}/answer': 'openQuestion',
  'POST /queries/{id}/insights': 'queryWithFindings',
  'PUT /data-sources/{id}/connection': 'database',
  'PUT /data-sources/{id}/tables': 'combined',
};

/** Path parameters that are no ids, or hang on the row that comes before them, by the path up to them. */
const PATH_NAMES: Record<string, string | ((scene: Scene, id: number | undefined) => number | undefined)> = {
  '/data-sources/{id}/tables/{table}': 'trips',
  '/prompt-templates/{id}/versions/{version}': '1',
  '/dashboards/{id}/public-links/{link}': (scene, id) => scene.dashboardParts.get(id ?? 0)?.link,
  '/dashboards/{id}/shares/{share}': (scene, id) => scene.dashboardParts.get(id ?? 0)?.share,
  '/dashboards/{id}/versions/{version}': (scene, id) => scene.dashboardParts.get(id ?? 0)?.version,
  '/public/dashboards/{token}': 'no-such-token',
  '/public/exports/{token}': 'nobody-has-this-link',
  '/conversations/{id}/memory/{memory_id}': (scene, id) => scene.memoryOf(id),
  '/conversations/{id}/messages/{message_id}': (scene, id) => scene.messageOf(id),
  '/workspaces/{id}/items/{item}': (scene, id) => scene.itemOf.get(id ?? 0),
  '/workspaces/{id}/members/{user_id}': (scene) => scene.bystander?.id,
};

/** What has to be said in the query string. */
const QUERIES: Record<string, string> = {
  'GET /workspaces/search': '?text=a',
};

/** What the ids in queries and bodies belong to. */
const FIELD_IDS: Record<string, KindName> = {
  chart_id: 'chart',
  dashboard_id: 'dashboard',
  data_source_id: 'dataSource',
  delivery_id: 'webhookDelivery',
  data_source_ids: 'dataSource',
  document_ids: 'document',
  message_id: 'message',
  object_id: 'dataSource',
  previous_query_id: 'query',
  item_id: 'document',
  query_id: 'query',
  role_id: 'role',
  suite_id: 'evaluationSuite',
  user_id: 'account',
  transfer_to: 'account',
};

/** Where the ids of one operation belong to something else. */
const FIELD_IDS_OF: Record<string, Record<string, KindName>> = {
  'POST /workspaces/{id}/members': { user_id: 'outsider' },
  'POST /dashboards/{id}/shares': { user_id: 'outsider' },
};

const DATABASE = { host: '127.0.0.1', port: 5432, database_name: 'shop', username: 'reader', password: 'secret' };

/** A result in which one group holds almost everything: `concentration-0-1`. */
const STRIKING = `SELECT * FROM (VALUES ('a', 9000), ('b', 5), ('c', 4), ('d', 3), ('e', 2), ('f', 1), ('g', 1), ('h', 1))
  AS totals (region, revenue)`;

/** Bodies where the generated one would be refused, or do harm to who sends it. */
const BODIES: Record<string, (scene: Scene, doer: Account) => Record<string, unknown>> = {
  'POST /auth/register': () => {
    const username = `u${randomUUID().slice(0, 12)}`;
    return { username, email: `${username}@example.com`, password: randomUUID() };
  },
  'POST /auth/login': (_, { username, password }) => ({ username, password }),
  'POST /auth/logout': ({ refreshToken }) => ({ refresh_token: refreshToken }),
  'POST /auth/password/change': (_, { password }) => ({ current_password: password, new_password: randomUUID() }),
  'POST /roles': () => ({ name: `role-${randomUUID().slice(0, 8)}`, permissions: ['account:read'] }),
  'PATCH /roles/{id}': () => ({ description: 'Reads.', permissions: ['account:read'] }),
  // They are the installation's: nothing of the victim's is in them.
  'POST /agents': () => ({
    name: `Agent ${randomUUID()}`,
    type: 'insight',
    config: {},
  }),
  'PATCH /agents/{id}': () => ({ description: 'Says what stands out.', config: { max_findings: 3 } }),
  'POST /agents/{id}/runs': ({ rows }) => ({ input: { query_id: rows.query } }),
  'POST /orchestrator-runs': ({ rows, marker }) => ({
    name: `Run ${marker}`,
    input_spec: { data_source_id: rows.dataSource, question: 'How many trips are there?' },
  }),
  'POST /orchestrator-runs/{id}/answer': () => ({ text: 'net price' }),
  'POST /queries': ({ rows }) => ({ data_source_id: rows.dataSource, sql: 'SELECT count(*) FROM trips' }),
  'POST /verified-queries': ({ rows, marker }) => ({
    query_id: rows.query,
    question: `What is it ${marker} ${randomUUID()}?`,
    sql: 'SELECT count(*) FROM trips',
  }),
  'POST /business-glossary': ({ rows, marker }) => ({
    data_source_id: rows.dataSource,
    term: `Term ${marker} ${randomUUID()}`,
    definition: 'What it means.',
  }),
  'PATCH /business-glossary/{id}': ({ marker }) => ({ definition: `What it means: ${marker}.`, formula: null }),
  'POST /evaluations/suites': ({ rows, marker }) => ({ data_source_id: rows.dataSource, name: `Suite ${marker}` }),
  'PATCH /evaluations/suites/{id}': ({ marker }) => ({ name: `Suite ${marker}`, min_correct: 0.5 }),
  'POST /evaluations/cases': ({ rows, marker }) => ({
    suite_id: rows.evaluationSuite,
    question: `How many trips ${marker}?`,
    expected_rows: [[17]],
  }),
  'PATCH /evaluations/cases/{id}': ({ marker }) => ({
    question: `How many trips ${marker} ${randomUUID()}?`,
    expected_rows: [[17]],
  }),
  'POST /evaluations/runs': ({ rows }) => ({ suite_id: rows.evaluationSuite }),
  'POST /scheduled-reports': (scene) => scene.scheduledReport(),
  'PATCH /scheduled-reports/{id}': ({ marker }) => ({ name: `Report ${marker}`, is_active: false }),
  'POST /exports': ({ rows }) => ({ query_id: rows.query, format: 'csv' }),
  'POST /queries/{id}/insights': ({ marker }) => ({ finding: 'concentration-0-1', title: `Striking ${marker}` }),
  'PATCH /insights/{id}': ({ marker }) => ({ title: `Striking ${marker}`, pinned: true }),
  'POST /prompt-templates': () => promptTemplate(),
  'PATCH /prompt-templates/{id}': () => ({ ...promptTemplate(), template: `Explain ${randomUUID()}: {{question}}` }),
  'POST /prompt-templates/{id}/render': () => ({ variables: { question: 'Why?' } }),
  'POST /alerts': ({ rows, marker }) => ({ name: `Alert ${marker}`, condition: watching(rows.number) }),
  'PATCH /alerts/{id}': ({ marker }) => ({ name: `Alert ${marker}`, severity: 'info' }),
  'POST /budgets': () => newBudget(),
  'PATCH /budgets/{id}': () => ({ limit: 2_000_000_000, action: 'warn' }),
  'POST /webhooks': () => ({ name: 'Hook', url: HOOK, events: ['webhook.test'] }),
  'PATCH /webhooks/{id}': ({ marker }) => ({ name: `Hook ${marker} ${randomUUID().slice(0, 8)}`, url: HOOK }),
  'POST /webhooks/{id}/replay': ({ rows }) => ({ delivery_id: rows.webhookDelivery }),
  'POST /conversations': ({ rows, marker }) => ({ title: `Talk ${marker}`, data_source_id: rows.dataSource }),
  'PATCH /conversations/{id}': ({ marker }) => ({ title: `Talk ${marker} ${randomUUID()}` }),
  'POST /conversations/{id}/messages': () => ({ text: 'Hello' }),
  'POST /conversations/{id}/memory': () => ({
    type: 'long_term',
    key: `synonym:${randomUUID()}`,
    value: { means: 'trips' },
  }),
  'PATCH /conversations/{id}/memory/{memory_id}': () => ({ value: { means: randomUUID() } }),
  'POST /mcp': ({ rows }) => ({
    jsonrpc: '2.0',
    id: 1,
    method: 'tools/call',
    params: { name: 'describe_data_source', arguments: { data_source_id: rows.dataSource } },
  }),
  'POST /dashboards': () => ({ name: `Dashboard ${randomUUID()}`, filters: [] }),
  'PATCH /dashboards/{id}': ({ marker }) => ({ name: `Dashboard ${marker} ${randomUUID()}`, layout: { cards: [] } }),
  'POST /dashboards/{id}/charts': ({ marker }) => ({ query_id: 1, name: `Chart ${marker}`, config: { max_rows: 5 } }),
  'PATCH /charts/{id}': ({ marker }) => ({ name: `Chart ${marker} ${randomUUID()}`, config: { max_rows: 5 } }),
  'POST /dashboards/{id}/shares': () => ({ user_id: 1, permission: 'view' }),
  'POST /dashboards/{id}/public-links': () => ({ expires_at: null, filters: [] }),
  'POST /workspaces': () => ({ name: `Workspace ${randomUUID()}` }),
  'PATCH /workspaces/{id}': ({ marker }) => ({ name: `Workspace ${marker} ${randomUUID()}` }),
  'POST /workspaces/{id}/members': () => ({ user_id: 1, permission: 'view' }),
  'PATCH /workspaces/{id}/members/{user_id}': () => ({ permission: 'edit' }),
  'POST /workspaces/{id}/items': () => ({ item_type: 'document', item_id: 1 }),
  'PATCH /workspaces/{id}/items/{item}': () => ({ position: 1 }),
  'POST /queries/{id}/feedback': () => ({ rating: 'up' }),
  'POST /queries/{id}/answer': () => ({ text: 'net price' }),
  'POST /data-sources': ({ marker }) => ({ name: `Shop ${marker} ${randomUUID()}`, type: 'postgres', ...DATABASE }),
  'PUT /data-sources/{id}/connection': () => DATABASE,
  'PUT /data-sources/{id}/tables': ({ rows }) => ({ tables: [{ data_source_id: rows.dataSource, table: 'trips' }] }),
  'PATCH /data-sources/{id}': ({ marker }) => ({ name: `Trips ${marker}`, description: null }),
  'PUT /data-sources/{id}/rules': () => ({
    rules: [{ table: 'trips', column: 'gross_price', mask: 'hide', roles: ['viewer'] }],
  }),
  'PATCH /data-sources/{id}/schema': () => ({
    tables: [{ name: 'trips', synonyms: ['journeys'], columns: [{ name: 'net_price', hidden: false }] }],
    relationships: [{ from: { table: 'trips', column: 'trip_id' }, to: { table: 'trips', column: 'net_price' } }],
  }),
};

/** How long what comes at once may take. */
const AT_ONCE_MS = 300;

/** Nobody is there, and nobody is meant to be. */
const HOOK = 'https://hooks.example.com/lumiere';

/** A threshold that is never reached. */
function watching(queryId: number | undefined) {
  return { query_id: queryId, type: 'threshold', column: 'n', operator: '>', value: 1_000_000 };
}

let budgets = 0;

/** There is one for each metric and period: another one each time. */
function newBudget() {
  const [metrics, periods] = [
    ['cost', 'storage', 'query_time', 'token_usage', 'model_api_calls'],
    ['day', 'week', 'month'],
  ];
  const [metric, period] = [metrics[budgets % 5], periods[Math.floor(budgets / 5) % 3]];
  budgets += 1;
  return { user_id: MISSING_ID, metric, period, limit: 1_000_000_000_000 };
}

function promptTemplate() {
  return {
    name: `explain-${randomUUID()}`,
    template: 'Explain: {{question}}',
    variables: [{ name: 'question', type: 'text', max_length: 100 }],
  };
}

/** These end the sessions of who calls them, so somebody new does. */
const ENDS_SESSIONS = new Set(['POST /auth/logout-everywhere', 'POST /auth/password/change']);

/** These connect to a database, whose address the server of the tests does not allow. */
export const REACHES_OUT = new Set(['POST /data-sources', 'PUT /data-sources/{id}/connection']);

/** These answer that they are switched off on the server of the tests. */
export const SWITCHED_OFF = new Set(['POST /auth/oidc/token']);

/** Of the operations that take files, these take a name beside them. */
const CREATES_SOURCE = new Set(['POST /data-sources/upload']);

/** A second table, so that the first is not the last one. */
const NOTES = 'note_id,text\n1,nothing\n';

/** These leave nothing to repeat them on, so each has a row of its own. */
const CONSUMES_ITS_ROW = new Set(['POST /queries/{id}/answer', 'POST /orchestrator-runs/{id}/answer']);

/** The ids of what belongs to a dashboard, and its published version. */
interface DashboardParts {
  chart: number;
  share: number;
  link: number;
  version: number;
}

export interface Request {
  method: string;
  /** Path and query. */
  target: string;
  /** Text is sent as it is, as JSON. */
  body: Record<string, unknown> | FormData | string | undefined;
}

export interface Reply {
  status: number;
  text: string;
  headers: Headers;
}

export class Scene {
  /** Is in the name of every row of the victim's, and in what is in it. */
  readonly marker = `secret-${randomUUID()}`;
  readonly rows: Partial<Record<KindName, number>> = {};
  /** What lies in a workspace, by the id of the workspace. */
  readonly itemOf = new Map<number, number>();
  /** What belongs to a dashboard, by its id. */
  readonly dashboardParts = new Map<number, DashboardParts>();
  readonly permissionsOfRole = new Map<string, ReadonlySet<string>>();
  private readonly parts = new Map<number, { message: number; memory: number }>();
  refreshToken = '';
  bystander: Account | undefined;

  private constructor(
    readonly stored: Stored,
    readonly admin: Account,
    readonly victim: Account,
    readonly stranger: Account,
  ) {}

  /** Makes an administrator, a victim with one row of every kind, and a stranger with the same permissions. */
  static async open(): Promise<Scene> {
    const stored = await Stored.open();
    const [admin, victim, stranger] = [await newAccount(), await newAccount(), await newAccount()];
    for (const { id, role } of [
      { ...admin, role: 'admin' },
      { ...victim, role: 'analyst' },
      { ...stranger, role: 'analyst' },
    ]) {
      await stored.rows('DELETE FROM user_roles WHERE user_id = $1', [id]);
      await stored.rows('INSERT INTO user_roles (user_id, role_id) SELECT $1, id FROM roles WHERE name = $2', [
        id,
        role,
      ]);
    }
    const scene = new Scene(stored, admin, victim, stranger);
    const roles = await stored.rows<{ name: string; permissions: string[] }>('SELECT name, permissions FROM roles');
    for (const { name, permissions } of roles) scene.permissionsOfRole.set(name, new Set(permissions));
    scene.rows.dataSource = await scene.newSource();
    for (const kind of Object.keys(KINDS) as KindName[]) scene.rows[kind] ??= await KINDS[kind].make(scene);
    scene.rows.account = victim.id;
    const { username, password } = victim;
    const session = await new Client(serverUrl()).post<{ refresh_token: string }>('/auth/login', {
      username,
      password,
    });
    scene.refreshToken = session.body.refresh_token;
    return scene;
  }

  close(): Promise<void> {
    return this.stored.close();
  }

  /** A source that is a database, which nobody could connect to from here. */
  async newDatabase(): Promise<number> {
    const [row] = await this.stored.rows<{ id: number }>(
      `INSERT INTO data_sources (name, type, status, host, port, database_name, username, password_encrypted, ssl_mode, owner_id)
       VALUES ($1, 'postgres', 'ready', $2, $3, $4, $5, NULL, 'prefer', $6) RETURNING id`,
      [`Shop ${this.marker} ${randomUUID()}`, ...Object.values(DATABASE).slice(0, 4), this.victim.id],
    );
    if (row === undefined) throw new Error('The source was not stored.');
    return row.id;
  }

  async newSource(): Promise<number> {
    const name = `Trips ${this.marker} ${randomUUID().slice(0, 8)}`;
    return (await newSource(this.victim.client, { 'trips.csv': TRIPS, 'notes.csv': NOTES }, { name })).id;
  }

  /** A source that is combined from the victim's. */
  async newCombined(): Promise<number> {
    const { status, body } = await this.victim.client.post<{ id: number }>('/data-sources', {
      name: `Combined ${this.marker} ${randomUUID().slice(0, 8)}`,
      type: 'combined',
      tables: [{ data_source_id: this.rows.dataSource, table: 'trips' }],
    });
    if (status !== 201) throw new Error(`Nothing was combined: ${JSON.stringify(body)}`);
    return body.id;
  }

  /** A query that asks back. Of a source of its own: what is answered once is not asked again. */
  async newOpenQuestion(): Promise<number> {
    return this.newQuery({ question: 'How many trips by price?' }, await this.newSource());
  }

  async newDocument(): Promise<number> {
    const { status, body } = await this.victim.client.post<{ id: number }>('/rag/documents', {
      title: `Document ${this.marker}`,
      content: `The secret is ${this.marker}, said ${randomUUID()}.`,
    });
    if (status !== 201) throw new Error(`No document was taken in: ${JSON.stringify(body)}`);
    return body.id;
  }

  async newRetrievalSession(): Promise<number> {
    const { body } = await this.victim.client.post<{ retrieval_session_id: number }>('/rag/search', {
      query: `What is the secret of ${this.marker}?`,
    });
    return body.retrieval_session_id;
  }

  /** With a question and its answer, and something that is kept in mind. */
  async newConversation(): Promise<number> {
    const given = { title: `Talk ${this.marker}`, data_source_id: this.rows.dataSource };
    const id = await this.made('/conversations', given);
    const message = await this.made(`/conversations/${id}/messages?wait=30`, { text: 'How many trips are there?' });
    const synonym = { type: 'long_term', key: `synonym:${this.marker}`, value: { means: 'trips' } };
    this.parts.set(id, { message, memory: await this.made(`/conversations/${id}/memory`, synonym) });
    return id;
  }

  /** The reply in the conversation that everything is tried on. */
  async newMessage(): Promise<number> {
    return this.messageOf(this.rows.conversation);
  }

  /** The reply in a conversation. */
  messageOf(conversation: number | undefined): number {
    return this.parts.get(conversation ?? 0)?.message ?? MISSING_ID;
  }

  memoryOf(conversation: number | undefined): number {
    return this.parts.get(conversation ?? 0)?.memory ?? MISSING_ID;
  }

  async newQuery(
    asked: { question: string } | { sql: string },
    dataSource: number | undefined = this.rows.dataSource,
  ): Promise<number> {
    const { status, body } = await this.victim.client.post<Query>('/queries', {
      data_source_id: dataSource,
      ...asked,
    });
    if (status !== 201) throw new Error(`Asking failed: ${JSON.stringify(body)}`);
    return body.id;
  }

  newExport(): Promise<number> {
    return this.made('/exports?wait=30', { query_id: this.rows.query, format: 'csv' });
  }

  scheduledReport() {
    const payload = { query_id: this.rows.query, format: 'csv', recipients: [this.victim.username] };
    return { name: `Report ${this.marker}`, cron_expr: '0 7 1 1 *', payload };
  }

  newScheduledReport(): Promise<number> {
    return this.made('/scheduled-reports', this.scheduledReport());
  }

  async newVerifiedQuery(): Promise<number> {
    const { status, body } = await this.victim.client.post<{ id: number }>('/verified-queries', {
      query_id: await this.newQuery({ sql: `SELECT '${this.marker}' AS secret` }),
      question: `What is the secret ${this.marker} ${randomUUID()}?`,
    });
    if (status !== 201) throw new Error(`Nothing was verified: ${JSON.stringify(body)}`);
    return body.id;
  }

  async newGlossaryTerm(): Promise<number> {
    return this.made('/business-glossary', {
      data_source_id: this.rows.dataSource,
      term: `Term ${this.marker} ${randomUUID()}`,
      definition: `What the secret is: ${this.marker}.`,
    });
  }

  async newSuite(): Promise<number> {
    return this.made('/evaluations/suites', {
      data_source_id: this.rows.dataSource,
      name: `Suite ${this.marker}`,
      min_correct: 1,
    });
  }

  async newCase(): Promise<number> {
    const question = `How many trips ${this.marker}?`;
    return this.made('/evaluations/cases', { suite_id: this.rows.evaluationSuite, question, expected_rows: [[17]] });
  }

  /** Of a suite of its own with one case, so that it is short. */
  async newRun(): Promise<number> {
    const suite = await this.newSuite();
    const question = `How many trips ${this.marker}?`;
    await this.made('/evaluations/cases', { suite_id: suite, question, expected_rows: [[17]] });
    return this.made('/evaluations/runs?wait=30', { suite_id: suite });
  }

  private async made(path: string, request: object): Promise<number> {
    const { status, body } = await this.victim.client.post<{ id: number }>(path, request);
    if (status !== 201) throw new Error(`Nothing was made at ${path}: ${JSON.stringify(body)}`);
    return body.id;
  }

  /** With a chart, a share, a version and a public link, of which the version is not the present one. */
  async newDashboard(): Promise<number> {
    const id = await this.made('/dashboards', { name: `Dashboard ${this.marker}` });
    const chart = await this.made(`/dashboards/${id}/charts`, {
      query_id: await this.newQuery({ sql: `SELECT '${this.marker}' AS secret` }),
      name: `Chart ${this.marker}`,
    });
    this.bystander ??= await newAccount();
    const share = await this.made(`/dashboards/${id}/shares`, { user_id: this.bystander.id, permission: 'view' });
    const link = await this.made(`/dashboards/${id}/public-links`, {});
    const version = await this.victim.client.post<{ version: number }>(`/dashboards/${id}/publish`);
    await this.victim.client.patch(`/dashboards/${id}`, { description: 'Published, and changed since.' });
    this.dashboardParts.set(id, { chart, share, link, version: version.body.version });
    return id;
  }

  partsOf(dashboardId: number): DashboardParts {
    const parts = this.dashboardParts.get(dashboardId);
    if (parts === undefined) throw new Error('This dashboard was not made here.');
    return parts;
  }

  /** With something in it, and a member who has nothing to do with the attacks. */
  async newWorkspace(): Promise<number> {
    const id = await this.made('/workspaces', { name: `Workspace ${this.marker}` });
    for (const item_id of [await this.newDocument(), await this.newDocument()]) {
      this.itemOf.set(id, await this.made(`/workspaces/${id}/items`, { item_type: 'document', item_id, position: 0 }));
    }
    this.bystander ??= await newAccount();
    await this.victim.client.post(`/workspaces/${id}/members`, { user_id: this.bystander.id, permission: 'view' });
    return id;
  }

  async newInsight(): Promise<number> {
    const query = await this.newQuery({ sql: STRIKING });
    const { status, body } = await this.victim.client.post<{ id: number }>(`/queries/${query}/insights`, {
      finding: 'concentration-0-1',
      title: `Striking ${this.marker}`,
    });
    if (status !== 201) throw new Error(`Nothing was kept: ${JSON.stringify(body)}`);
    return body.id;
  }

  async newPromptTemplate(): Promise<number> {
    return (await this.admin.client.post<{ id: number }>('/prompt-templates', promptTemplate())).body.id;
  }

  /** Of somebody new, so that there is none like it. */
  async newBudget(): Promise<number> {
    const request = { ...newBudget(), user_id: (await newAccount()).id };
    return (await this.admin.client.post<{ id: number }>('/budgets', request)).body.id;
  }

  newAlert(): Promise<number> {
    return this.made('/alerts', { name: `Alert ${this.marker}`, condition: watching(this.rows.number) });
  }

  newWebhook(): Promise<number> {
    return this.made('/webhooks', { name: `Hook ${this.marker}`, url: HOOK, events: ['webhook.test'] });
  }

  /** One that has failed, to the victim's webhook. */
  newDelivery(): Promise<number> {
    return this.inserted(
      `INSERT INTO webhook_deliveries (webhook_id, event, payload, status)
       VALUES ($1, 'webhook.test', jsonb_build_object('secret', $2::text), 'failed') RETURNING id`,
      [this.rows.webhook, this.marker],
    );
  }

  newNotification(): Promise<number> {
    return this.inserted(
      `INSERT INTO notifications (user_id, title, body, channel, status)
       VALUES ($1, $2::varchar, $2, 'in_app', 'sent') RETURNING id`,
      [this.victim.id, `Told ${this.marker}`],
    );
  }

  private async inserted(sql: string, values: unknown[]): Promise<number> {
    const [row] = await this.stored.rows<{ id: number }>(sql, values);
    if (row === undefined) throw new Error('The row was not stored.');
    return row.id;
  }

  async newAgent(): Promise<number> {
    const request = { name: `Agent ${randomUUID()}`, type: 'insight' };
    return (await this.admin.client.post<{ id: number }>('/agents', request)).body.id;
  }

  /** A task of the agent of the scene. */
  async newAgentRun(): Promise<number> {
    return this.made(`/agents/${this.rows.agent}/runs?wait=30`, { input: { query_id: this.rows.query } });
  }

  async newOrchestratorRun(question = `How many trips are there?`): Promise<number> {
    const input_spec = { data_source_id: await this.newSource(), question };
    return this.made('/orchestrator-runs?wait=30', { name: `Run ${this.marker}`, input_spec });
  }

  async newRole(): Promise<number> {
    const name = `role-${randomUUID().slice(0, 8)}`;
    return (await this.admin.client.post<{ id: number }>('/roles', { name, permissions: ['account:read'] })).body.id;
  }

  async newKey(owner: Account, more: Record<string, unknown> = {}): Promise<ApiKey & { key: string }> {
    const request = { name: `Key ${this.marker}`, scopes: ['*'], ...more };
    const { status, body } = await owner.client.post<ApiKey & { key: string }>('/api-keys', request);
    if (status !== 201) throw new Error(`No key was made: ${JSON.stringify(body)}`);
    return body;
  }

  /** What the tables above lack, as sentences: empty when every id of the operation is known. */
  gapsOf(operation: Operation): string[] {
    const inPath = parametersOf(operation)
      .filter((upTo) => !(upTo in PATH_IDS) && !(upTo in PATH_NAMES))
      .map(
        (upTo) =>
          `Say in test/support/scene.ts what ${upTo} stands for: in PATH_IDS a kind of row, or in PATH_NAMES a name.`,
      );
    const inFields = idFieldsOf(operation)
      .filter((field) => !(field in FIELD_IDS))
      .map(
        (field) =>
          `Say in FIELD_IDS of test/support/scene.ts to which kind of row ${field} of ${operation.name} belongs.`,
      );
    return [...inPath, ...inFields];
  }

  /** Whether the operation is about a row that is its owner's alone. */
  isPrivate(operation: Operation): boolean {
    const kind = kindOf(operation);
    return kind !== null && KINDS[kind].isPrivate;
  }

  /** Who may do it: the victim, an administrator where it takes one, or somebody new where their sessions end by it. */
  async doerOf(operation: Operation): Promise<Account> {
    if (ENDS_SESSIONS.has(operation.name)) return newAccount();
    const isForAnalysts = this.permissionsOfRole.get('analyst')?.has(operation.permission ?? '') === true;
    return operation.permission === null || isForAnalysts ? this.victim : this.admin;
  }

  /** A request that `doer` may make, on the victim's row, or on one of its own where it uses the row up. */
  async requestFor(operation: Operation, doer: Account): Promise<Request> {
    const kind = kindOf(operation);
    const isUsedUp = operation.method === 'DELETE' || CONSUMES_ITS_ROW.has(operation.name);
    const id = kind === null ? undefined : isUsedUp ? await KINDS[kind].make(this) : this.rows[kind];
    return this.request(operation, doer, id);
  }

  /** The request that an attack makes: a valid one, on the victim's rows. It is meant to be refused. */
  attackOn(operation: Operation): Request {
    const kind = kindOf(operation);
    return this.request(operation, this.victim, kind === null ? undefined : this.rows[kind]);
  }

  /** The same request about ids that nobody has. */
  missing(operation: Operation, { body, ...request }: Request): Request {
    const isJson = typeof body === 'object' && !(body instanceof FormData);
    return {
      method: request.method,
      target: pathOf(operation, MISSING_ID, this),
      body: isJson ? { ...body, ...this.fields(operation.body?.properties ?? {}, body, () => MISSING_ID) } : body,
    };
  }

  /** Whether the call would end the sessions of whoever makes it with success. */
  endsSessions(operation: Operation): boolean {
    return ENDS_SESSIONS.has(operation.name);
  }

  /** The query string of an operation that names the victim's rows, or others; null when it takes no ids. */
  idsInQuery(operation: Operation, id?: number): string | null {
    const named = operation.queryParameters.filter(({ name, schema }) => isId(name, schema));
    if (named.length === 0) return null;
    return named.map(({ name }) => `${name}=${id ?? this.idFor(name, operation)}`).join('&');
  }

  /** The names of the fields of a body that hold ids. */
  idsInBody(operation: Operation): string[] {
    return Object.entries(operation.body?.properties ?? {})
      .filter(([name, schema]) => isId(name, schema))
      .map(([name]) => name);
  }

  /** A body for the operation that names the victim's rows, or others. */
  bodyOf(operation: Operation, doer: Account, id?: number): Record<string, unknown> {
    const made = BODIES[operation.name]?.(this, doer) ?? (valueFor(operation.body ?? {}) as Record<string, unknown>);
    return {
      ...made,
      ...this.fields(operation.body?.properties ?? {}, made, (name) => id ?? this.idFor(name, operation)),
    };
  }

  private request(operation: Operation, doer: Account, id: number | undefined): Request {
    const target = pathOf(operation, id, this) + (QUERIES[operation.name] ?? '');
    return { method: operation.method, target, body: this.payload(operation, doer) };
  }

  private payload(operation: Operation, doer: Account): Request['body'] {
    if (operation.takesFiles) {
      const form = new FormData();
      if (CREATES_SOURCE.has(operation.name)) form.append('name', `Trips ${randomUUID()}`);
      if (operation.path.includes('/rag/')) form.append('file', new Blob([`A note, ${randomUUID()}.`]), 'note.txt');
      else form.append('file', new Blob([TRIPS]), 'trips.csv');
      return form;
    }
    return operation.body === undefined ? undefined : this.bodyOf(operation, doer);
  }

  private fields(
    properties: Record<string, Schema>,
    body: Record<string, unknown>,
    idFor: (name: string) => number,
  ): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(properties)
        .filter(([name, schema]) => name in body && isId(name, schema))
        .map(([name, { type }]) => [name, type === 'array' ? [idFor(name)] : idFor(name)]),
    );
  }

  private idFor(field: string, { name }: Operation): number {
    const kind = FIELD_IDS_OF[name]?.[field] ?? FIELD_IDS[field];
    return (kind === undefined ? undefined : this.rows[kind]) ?? MISSING_ID;
  }
}

/** Sends a request as somebody. */
export async function send({ method, target, body }: Request, headers: Record<string, string>): Promise<Reply> {
  const isJson = body !== undefined && !(body instanceof FormData);
  const response = await fetch(`${serverUrl()}${target}`, {
    method,
    headers: { ...headers, ...(isJson ? { 'content-type': 'application/json' } : {}) },
    ...(body === undefined ? {} : { body: isJson && typeof body !== 'string' ? JSON.stringify(body) : body }),
  });
  const isEndless = response.ok && new URL(response.url).pathname.endsWith('/stream');
  const text = isEndless ? await beginning(response) : await response.text();
  return { status: response.status, text, headers: response.headers };
}

/** What comes at once of an answer that does not end by itself. */
async function beginning(response: Response): Promise<string> {
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  const read = async (): Promise<void> => {
    for (;;) {
      const part = await reader?.read();
      if (part === undefined || part.done) return;
      text += part.value;
    }
  };
  await Promise.race([read().catch(() => undefined), new Promise((resolve) => setTimeout(resolve, AT_ONCE_MS))]);
  await reader?.cancel();
  return text;
}

/** The path up to each of its parameters, without the prefix of the API. */
function parametersOf({ path }: Operation): string[] {
  const inner = path.replace(PREFIX, '');
  return [...inner.matchAll(/\{\w+\}/g)].map((match) => inner.slice(0, match.index + match[0].length));
}

function kindOf(operation: Operation): KindName | null {
  const special = KIND_FOR[operation.name];
  if (special !== undefined) return special;
  return (
    parametersOf(operation)
      .map((upTo) => PATH_IDS[upTo])
      .findLast((kind) => kind !== undefined) ?? null
  );
}

function pathOf(operation: Operation, id: number | undefined, scene: Scene): string {
  const upTo = parametersOf(operation);
  let nth = -1;
  return operation.path.replace(/\{\w+\}/g, () => {
    nth += 1;
    const name = PATH_NAMES[upTo[nth] ?? ''] ?? id;
    return String(typeof name === 'function' ? (name(scene, id) ?? MISSING_ID) : name);
  });
}

function idFieldsOf({ queryParameters, body }: Operation): string[] {
  const inBody = Object.entries(body?.properties ?? {}).map(([name, schema]) => ({ name, schema }));
  return [...queryParameters, ...inBody].filter(({ name, schema }) => isId(name, schema)).map(({ name }) => name);
}

function isId(name: string, schema: Schema): boolean {
  return /_ids?$/.test(name) || schema.maximum === LARGEST_ID || schema.items?.maximum === LARGEST_ID;
}
