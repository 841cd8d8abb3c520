/** Who is calling, as found out once per request. */
export interface Principal {
  userId: number;
  /** Names of the caller's roles. */
  roles: string[];
  roleIds: number[];
  permissions: ReadonlySet<Permission>;
  /** The API key that they came with; null for a person who signed in. */
  apiKeyId: number | null;
  /** The only data sources that they may touch; null for all that their account may. */
  dataSourceIds: readonly number[] | null;
}

/** Everything that can be allowed. A role is a set of these. */
export const PERMISSIONS = [
  'account:read',
  'account:write',
  'users:read',
  'users:manage',
  'roles:manage',
  'api_keys:manage',
  'data_sources:read',
  'data_sources:write',
  'queries:read',
  'queries:write',
  'glossary:manage',
  'insights:read',
  'insights:write',
  'prompt_templates:read',
  'prompt_templates:write',
  'agents:read',
  'agents:run',
  'agents:manage',
  'documents:read',
  'documents:write',
  'conversations:read',
  'conversations:write',
  'mcp:use',
  'workspaces:read',
  'workspaces:write',
  'dashboards:read',
  'dashboards:write',
  'dashboards:publish',
  'notifications:read',
  'notifications:write',
  'webhooks:read',
  'webhooks:write',
  'alerts:read',
  'alerts:write',
  'usage:read',
  'budgets:manage',
  'exports:read',
  'exports:write',
  'scheduled_reports:read',
  'scheduled_reports:write',
  'system:read',
  'audit:read',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

/** For people who signed in only: an API key that made others would outlive its own end. */
export const SESSION_PERMISSIONS: ReadonlySet<Permission> = new Set(['api_keys:manage']);

/**
 * About the whole installation, or about whatever data its owner has: nothing for somebody who may touch certain data sources
 * only.
 */
export const INSTALLATION_PERMISSIONS: ReadonlySet<Permission> = new Set([
  'users:manage',
  'roles:manage',
  'glossary:manage',
  'prompt_templates:write',
  'agents:manage',
  'notifications:read',
  'notifications:write',
  'webhooks:read',
  'webhooks:write',
  'alerts:read',
  'alerts:write',
  'budgets:manage',
  'system:read',
  'audit:read',
]);

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}

/** The permissions behind the names that a role holds; `*` stands for all of them, and unknown names for none. */
export function permissionsOf(names: readonly string[]): ReadonlySet<Permission> {
  return new Set(names.includes('*') ? PERMISSIONS : names.filter(isPermission));
}
