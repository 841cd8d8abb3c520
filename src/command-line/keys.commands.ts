import type { INestApplicationContext } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import { DataSource } from 'typeorm';
import { type ApiKey, ApiKeyDto, ApiKeysService, CreateApiKeyDto } from '../modules/auth/index.js';
import { AccountsService } from '../modules/users/index.js';
import { ConfigurationError } from '../platform/config/index.js';
import { LARGEST_PAGE_SIZE } from '../platform/database/index.js';
import { checkedRequest } from '../platform/http/index.js';
import { CommandGroup, InstallationCommand } from './administration-command.js';
import { COMMAND_LINE } from './command-line-actor.js';
import { CredentialRotation } from './credential-rotation.js';
import { findUser } from './find-user.js';
import { EXIT, refused } from './outcome.js';
import { table } from './terminal.js';

interface CreateOptions {
  name: string;
  scope: string[];
  expires?: string;
  allowIp?: string[];
  dataSource?: number[];
}

@SubCommand({
  name: 'create',
  arguments: '<user>',
  argsDescription: { user: 'user name, email or id of the owner, such as id:12' },
  description: 'Make an API key for somebody, and show it once.',
})
export class KeysCreateCommand extends InstallationCommand {
  override async run([meant = '']: string[], options: CreateOptions): Promise<void> {
    const { name, scope: scopes, expires, allowIp, dataSource } = options;
    const request = await checkedRequest(CreateApiKeyDto, {
      name,
      scopes,
      ...(expires === undefined ? {} : { expires_at: expires }),
      ...(allowIp === undefined ? {} : { allowed_ips: allowIp }),
      ...(dataSource === undefined ? {} : { data_source_ids: dataSource }),
    });
    const { key, apiKey } = await this.installation.use(async (app) => {
      const { id, username } = await findUser(app, meant);
      // The key may do what its owner may, not what the command line may.
      const owner = await app.get(AccountsService, { strict: false }).findPrincipal(id);
      if (owner === null) throw refused(`The account ${username} is closed. Open it with: users activate ${username}`);
      const beyond = request.scopes.filter((scope) => scope !== '*' && !owner.permissions.has(scope));
      if (beyond.length > 0) throw refused(`Not a permission that ${username} has: ${beyond.join(', ')}.`);
      return app.get(ApiKeysService, { strict: false }).create(request, owner);
    });
    this.terminal.print({ ...ApiKeyDto.from(apiKey), key }, [
      `Made the key ${apiKey.prefix} (id ${apiKey.id}). Shown this once:`,
      key,
    ]);
  }

  @Option({ flags: '--name <name>', description: 'what it is for', required: true })
  protected name(text: string): string {
    return text;
  }

  @Option({
    flags: '--scope <permission...>',
    description: 'what it may do, of what its owner may, such as queries:read; "*" for all of it',
    required: true,
  })
  protected scope(text: string, before: string[] = []): string[] {
    return [...before, text];
  }

  @Option({ flags: '--expires <time>', description: 'when it ends, such as 2031-12-31T23:59:59Z (default: never)' })
  protected expires(text: string): string {
    return text;
  }

  @Option({ flags: '--allow-ip <address...>', description: 'addresses or networks that it may be used from' })
  protected allowIp(text: string, before: string[] = []): string[] {
    return [...before, text];
  }

  @Option({ flags: '--data-source <id...>', description: 'the only data sources that it may be used on' })
  protected dataSource(text: string, before: number[] = []): number[] {
    return [...before, Number(text)];
  }
}

@SubCommand({
  name: 'list',
  arguments: '<user>',
  argsDescription: { user: 'user name, email or id of the owner, such as id:12' },
  description: "List somebody's API keys, newest first, without the keys themselves.",
})
export class KeysListCommand extends InstallationCommand {
  override async run([meant = '']: string[]): Promise<void> {
    const { items } = await this.installation.use(async (app) => {
      const { id } = await findUser(app, meant);
      return app
        .get(ApiKeysService, { strict: false })
        .list({ ...COMMAND_LINE, userId: id }, { limit: LARGEST_PAGE_SIZE });
    });
    this.terminal.print(
      { items: items.map((key) => ApiKeyDto.from(key)) },
      table(
        ['ID', 'PREFIX', 'NAME', 'SCOPES', 'STATE', 'LAST USED'],
        items.map((key) => [
          String(key.id),
          key.prefix,
          key.name,
          key.scopes.join(', '),
          stateOf(key),
          key.lastUsedAt?.toISOString() ?? 'never',
        ]),
      ),
    );
  }
}

@SubCommand({
  name: 'revoke',
  arguments: '<key>',
  argsDescription: { key: 'its id, or its first characters, such as lum_3f9a0c71be' },
  description: 'End an API key at once.',
})
export class KeysRevokeCommand extends InstallationCommand {
  override async run([meant = '']: string[]): Promise<void> {
    const key = await this.installation.use(async (app) => {
      const found = await findKey(app, meant);
      await app.get(ApiKeysService, { strict: false }).revoke(found.id, { ...COMMAND_LINE, userId: found.user_id });
      return found;
    });
    this.terminal.print({ id: key.id, prefix: key.prefix, is_active: false }, `The key ${key.prefix} works no more.`);
  }
}

@SubCommand({
  name: 'rotate-encryption',
  description: 'Bring every stored credential under the current encryption key; can be stopped and run again.',
})
export class KeysRotateEncryptionCommand extends InstallationCommand {
  override async run(_: string[], { new: makeNew = false }: { new?: boolean }): Promise<void> {
    const outcome = await this.installation.use(async (app) => {
      const rotation = app.get(CredentialRotation);
      if (makeNew) await rotation.replaceKey().catch(asRefused);
      return rotation.run();
    });
    const { reencrypted, current, unreadable } = outcome;
    this.terminal.print({ new_key: makeNew, ...outcome }, [
      ...(makeNew ? ['Made a new key; the one before it is kept in keys/encryption.key.previous.'] : []),
      `Encrypted anew: ${reencrypted}. Under the current key already: ${current}. Not readable: ${unreadable.length}.`,
      ...unreadable.map(({ table: name, column, id, reason }) => `${name}.${column} of row ${id}: ${reason}`),
      ...(unreadable.length > 0
        ? ['Give the key that they were encrypted with in LUMIERE_ENCRYPTION_KEY_PREVIOUS.']
        : []),
    ]);
    if (unreadable.length > 0) process.exitCode = EXIT.refused;
  }

  @Option({
    flags: '--new',
    description: 'first make a new key in the data directory; the old one is kept for reading',
  })
  protected new(): boolean {
    return true;
  }
}

@Command({
  name: 'keys',
  description: 'API keys, and the key that stored credentials are encrypted with.',
  subCommands: [KeysCreateCommand, KeysListCommand, KeysRevokeCommand, KeysRotateEncryptionCommand],
})
export class KeysCommand extends CommandGroup {}

export const KEY_COMMANDS = [
  KeysCommand,
  KeysCreateCommand,
  KeysListCommand,
  KeysRevokeCommand,
  KeysRotateEncryptionCommand,
];

/** A key that is not ours to replace: the installation is well, and can be reached. */
function asRefused(cause: unknown): never {
  throw cause instanceof ConfigurationError ? refused(cause.message, { cause }) : cause;
}

async function findKey(
  app: INestApplicationContext,
  meant: string,
): Promise<{ id: number; user_id: number; prefix: string }> {
  const found: { id: number; user_id: number; prefix: string }[] = await app
    .get(DataSource)
    .query('SELECT id, user_id, prefix FROM api_keys WHERE id::text = $1 OR prefix = $1 LIMIT 2', [meant]);
  const [key, another] = found;
  if (key === undefined) throw refused(`There is no API key ${meant}. See: npm run cli -- keys list <user>`);
  if (another !== undefined) throw refused(`Two keys begin with ${meant}. Name it by its id.`);
  return key;
}

function stateOf({ isActive, expiresAt }: ApiKey): string {
  if (!isActive) return 'revoked';
  return expiresAt !== null && expiresAt.getTime() <= Date.now() ? 'expired' : 'active';
}
