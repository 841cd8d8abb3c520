/** What may be wrong with an installation, and what to do about it. */
import { constants, existsSync } from 'node:fs';
import { access, readdir, stat, statfs } from 'node:fs/promises';
import { join } from 'node:path';
import type { DataSource } from 'typeorm';
import type { Configuration } from '../platform/config/index.js';
import { readSchemaState } from '../platform/database/index.js';
import { Mailer } from '../platform/mail/index.js';

export interface Finding {
  check: string;
  status: 'ok' | 'warning' | 'problem';
  detail: string;
  /** Null when all is well. */
  advice: string | null;
}

const OLDEST_NODE = [20, 19] as const;
const OLDEST_POSTGRES = 150_000;
const MIB = 2 ** 20;
const LITTLE_SPACE = 1024 * MIB;
const NO_SPACE = 100 * MIB;
const LARGEST_SKEW_MS = 2000;
const FOR_OTHERS = 0o077;

export function ok(check: string, detail: string): Finding {
  return { check, status: 'ok', detail, advice: null };
}

export function warning(check: string, detail: string, advice: string): Finding {
  return { check, status: 'warning', detail, advice };
}

export function problem(check: string, detail: string, advice: string): Finding {
  return { check, status: 'problem', detail, advice };
}

/** The program that runs this one. */
export function checkNode(version = process.versions.node): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const isOld = major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1]);
  return isOld
    ? problem('node', `Node ${version} is too old.`, `Install Node ${OLDEST_NODE.join('.')} or newer.`)
    : ok('node', `Node ${version}`);
}

/** What the configuration says that is allowed, and yet may not be meant. */
export function checkConfiguration({ runtime, http, auth, firstAdministrator }: Configuration): Finding[] {
  const findings: Finding[] = [];
  if (!runtime.production) {
    findings.push(
      warning(
        'configuration',
        'NODE_ENV is not production.',
        'Set NODE_ENV=production when others use this installation.',
      ),
    );
  }
  if (runtime.production && auth.registrationOpen) {
    findings.push(
      warning(
        'configuration',
        'Anybody who reaches the server may register.',
        'Set REGISTRATION_OPEN=false if that is not meant.',
      ),
    );
  }
  if (firstAdministrator.account !== undefined) {
    findings.push(
      warning(
        'configuration',
        'ADMIN_PASSWORD stands in the environment.',
        'Take it away once the administrator exists.',
      ),
    );
  }
  if (runtime.production && http.publicUrl?.startsWith('http:') === true) {
    findings.push(
      warning('configuration', 'LUMIERE_PUBLIC_URL is not https.', 'Put a proxy with TLS in front, and link to that.'),
    );
  }
  return findings.length === 0 ? [ok('configuration', 'Every variable is well.')] : findings;
}

/** Whether nothing was ever started here: then every other check would only say so in its own words. */
export async function isNotInstalled({ database, runtime: { dataDir } }: Configuration): Promise<boolean> {
  if (database.url !== undefined) return false;
  try {
    return (await readdir(dataDir)).length === 0;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT';
  }
}

export async function checkDataDirectory(dataDir: string): Promise<Finding[]> {
  const check = 'data directory';
  if (!existsSync(dataDir)) {
    return [problem(check, `${dataDir} does not exist.`, 'Set LUMIERE_DATA_DIR, or start the server once.')];
  }
  try {
    await access(dataDir, constants.R_OK | constants.W_OK | constants.X_OK);
  } catch {
    return [problem(check, `${dataDir} cannot be written to.`, 'Give it to the user that the server runs as.')];
  }
  const { mode } = await stat(dataDir);
  const isOpen = (mode & FOR_OTHERS) !== 0;
  return [
    isOpen
      ? warning(check, `Others may look into ${dataDir}.`, `Run: chmod 700 ${dataDir}`)
      : ok(check, `${dataDir} is writable, and for its owner only.`),
    await checkSpace(dataDir),
  ];
}

async function checkSpace(dataDir: string): Promise<Finding> {
  const { bavail, bsize } = await statfs(dataDir);
  const free = bavail * bsize;
  const detail = `${Math.floor(free / MIB)} MiB free`;
  const advice = 'Free some space, or move the data directory to a larger disk.';
  if (free < NO_SPACE) return problem('disk', detail, advice);
  return free < LITTLE_SPACE ? warning('disk', detail, advice) : ok('disk', detail);
}

/** Keys that are configured need no file; the others need one that nobody else may read. */
export async function checkKeys({ keys, runtime }: Configuration): Promise<Finding[]> {
  const folder = join(runtime.dataDir, 'keys');
  const kept = existsSync(folder) ? await readdir(folder) : [];
  const findings: Finding[] = [];
  for (const [name, configured] of [
    ['secret', keys.secretKey],
    ['encryption', keys.encryptionKey],
  ] as const) {
    if (configured !== undefined || kept.includes(`${name}.key`)) continue;
    findings.push(
      problem(
        'keys',
        `There is no ${name} key.`,
        'Put the key files back from a backup; a new installation makes its own.',
      ),
    );
  }
  for (const name of kept) {
    const { mode } = await stat(join(folder, name));
    if ((mode & FOR_OTHERS) === 0) continue;
    findings.push(problem('keys', `Others may read keys/${name}.`, `Run: chmod 600 ${join(folder, name)}`));
  }
  return findings.length === 0 ? [ok('keys', 'Both are there, and for their owner only.')] : findings;
}

export async function checkDatabase(dataSource: DataSource): Promise<Finding[]> {
  const asked = Date.now();
  const [about] = (await dataSource.query(
    `SELECT current_setting('server_version') AS version, current_setting('server_version_num')::integer AS number,
            extract(epoch FROM clock_timestamp()) * 1000 AS now`,
  )) as { version: string; number: number; now: string }[];
  const took = Date.now() - asked;
  const { pending, unknown } = await readSchemaState({ query: (sql) => dataSource.query(sql) });
  return [
    (about?.number ?? 0) < OLDEST_POSTGRES
      ? problem('database', `PostgreSQL ${about?.version} is too old.`, 'Move to version 15 or newer.')
      : ok('database', `PostgreSQL ${about?.version} answers within ${took} ms.`),
    checkSchema(pending, unknown),
    checkClock(Number(about?.now) - (asked + took / 2), took),
  ];
}

function checkSchema(pending: readonly string[], unknown: readonly string[]): Finding {
  if (unknown.length > 0) {
    return problem('schema', 'The database belongs to a newer version of Lumiere.', 'Install that version.');
  }
  return pending.length > 0
    ? problem('schema', `${pending.length} migrations are pending.`, 'Run: npm run cli -- db migrate')
    : ok('schema', 'It is up to date.');
}

function checkClock(skewMs: number, uncertainMs: number): Finding {
  const skew = Math.round(Math.max(0, Math.abs(skewMs) - uncertainMs / 2));
  return skew > LARGEST_SKEW_MS
    ? warning('clock', `The database's clock differs by ${skew} ms.`, 'Let both machines keep their time with NTP.')
    : ok('clock', "The database's clock agrees.");
}

export async function checkMail({ mail, http }: Configuration): Promise<Finding> {
  if (mail.smtpUrl === undefined) {
    return ok('mail', 'Off: links to set a new password come from users reset-password only.');
  }
  if (http.publicUrl === undefined) {
    return warning('mail', 'Mails have no address to link to.', 'Set LUMIERE_PUBLIC_URL.');
  }
  const mailer = new Mailer(mail);
  try {
    await mailer.verify();
    return ok('mail', 'The SMTP server answers.');
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return problem(
      'mail',
      `The SMTP server does not take mails: ${reason}`,
      'Check SMTP_URL, its user and its password.',
    );
  } finally {
    mailer.onApplicationShutdown();
  }
}
