/** Who is calling, as found out once per request. */
export interface Principal {
  userId: number;
  /** Names of the caller's roles. */
  roles: string[];
  permissions: ReadonlySet<Permission>;
}

/** Everything that can be allowed. A role is a set of these. */
export const PERMISSIONS = [
  'account:read',
  'account:write',
  'users:read',
  'data_sources:read',
  'data_sources:write',
  'queries:read',
  'queries:write',
] as const;
export type Permission = (typeof PERMISSIONS)[number];

export function isPermission(text: string): text is Permission {
  return (PERMISSIONS as readonly string[]).includes(text);
}
