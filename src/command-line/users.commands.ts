import { randomBytes } from 'node:crypto';
import type { INestApplicationContext } from '@nestjs/common';
import { Command, Option, SubCommand } from 'nest-commander';
import { DataSource } from 'typeorm';
import { AdminUsersService } from '../modules/administration/index.js';
import { AppointedAccountsService, PasswordResetsService, RegisterDto } from '../modules/auth/index.js';
import { Role, type User, UserDto, UserRolesService } from '../modules/users/index.js';
import { LARGEST_PAGE_SIZE } from '../platform/database/index.js';
import { DomainError } from '../platform/errors/domain-error.js';
import { checkedRequest } from '../platform/http/index.js';
import { CommandGroup, InstallationCommand } from './administration-command.js';
import { COMMAND_LINE } from './command-line-actor.js';
import { findUser } from './find-user.js';
import { refused, wrongUsage } from './outcome.js';
import { table } from './terminal.js';

const GENERATED_PASSWORD_BYTES = 15;

interface CreateOptions {
  email: string;
  role?: string[];
  fullName?: string;
  passwordStdin?: boolean;
  generate?: boolean;
}

@SubCommand({
  name: 'create',
  arguments: '<username>',
  argsDescription: { username: '3 to 50 letters, digits, dots, dashes or underscores' },
  description: 'Make an account. Asks for its password, unless told otherwise.',
})
export class UsersCreateCommand extends InstallationCommand {
  override async run([username = '']: string[], options: CreateOptions): Promise<void> {
    const { email, role: roles, fullName, passwordStdin = false, generate = false } = options;
    if (passwordStdin && generate) throw wrongUsage('Choose one of --password-stdin and --generate.');
    const password = generate
      ? randomBytes(GENERATED_PASSWORD_BYTES).toString('base64url')
      : await this.terminal.readNewPassword(passwordStdin);
    const request = await checkedRequest(RegisterDto, {
      username,
      email,
      password,
      ...(fullName === undefined ? {} : { full_name: fullName }),
    });
    const user = await this.installation.use(async (app) => {
      await refuseUnknownRoles(app, roles ?? []);
      const accounts = app.get(AppointedAccountsService, { strict: false });
      return accounts.create(request, roles === undefined ? {} : { roles }).catch(asTaken(request));
    });
    this.terminal.print({ ...UserDto.from(user), ...(generate ? { password } : {}) }, [
      `Made the account ${user.username} (id ${user.id}) with ${rolesOf(user)}.`,
      ...(generate ? [`Its password, shown this once: ${password}`] : []),
    ]);
  }

  @Option({ flags: '--email <address>', description: 'where mails to this person go', required: true })
  protected email(text: string): string {
    return text;
  }

  @Option({
    flags: '--role <name...>',
    description: 'their roles (default: analyst; admin for the first account of an installation)',
  })
  protected role(name: string, before: string[] = []): string[] {
    return [...before, name];
  }

  @Option({ flags: '--full-name <name>', description: 'such as "Ada Lovelace"' })
  protected fullName(text: string): string {
    return text;
  }

  @Option({ flags: '--password-stdin', description: 'take the first line of standard input for the password' })
  protected passwordStdin(): boolean {
    return true;
  }

  @Option({ flags: '--generate', description: 'make a password, and show it once' })
  protected generate(): boolean {
    return true;
  }
}

@SubCommand({ name: 'list', description: 'List accounts, newest first.' })
export class UsersListCommand extends InstallationCommand {
  override async run(
    _: string[],
    { search, limit = LARGEST_PAGE_SIZE, cursor }: { search?: string; limit?: number; cursor?: string },
  ): Promise<void> {
    const page = { limit, include_total: true, ...(cursor === undefined ? {} : { cursor }) };
    const { items, nextCursor, total } = await this.installation.use((app) =>
      app.get(AdminUsersService).list(page, search),
    );
    this.terminal.print({ items: items.map((user) => UserDto.from(user)), next_cursor: nextCursor, total }, [
      ...table(
        ['ID', 'USER NAME', 'EMAIL', 'ROLES', 'STATE', 'LAST SIGN-IN'],
        items.map((user) => [
          String(user.id),
          user.username,
          user.email,
          roleNames(user).join(', '),
          user.isActive ? 'active' : 'closed',
          user.lastLoginAt?.toISOString() ?? 'never',
        ]),
      ),
      nextCursor === null ? `${total} in all.` : `${total} in all. The next ones: --cursor ${nextCursor}`,
    ]);
  }

  @Option({ flags: '--search <text>', description: 'part of a user name, email or full name' })
  protected search(text: string): string {
    return text;
  }

  @Option({ flags: '--limit <count>', description: `how many, at most ${LARGEST_PAGE_SIZE} (default: as many)` })
  protected limit(text: string): number {
    const count = Number(text);
    if (Number.isInteger(count) && count >= 1 && count <= LARGEST_PAGE_SIZE) return count;
    throw wrongUsage(`--limit must be a whole number from 1 to ${LARGEST_PAGE_SIZE}.`);
  }

  @Option({ flags: '--cursor <text>', description: 'where the page before ended' })
  protected cursor(text: string): string {
    return text;
  }
}

@SubCommand({
  name: 'set-role',
  arguments: '<user> <role...>',
  argsDescription: { user: 'user name, email or id, such as id:12', role: 'all roles that they shall have' },
  description: "Replace somebody's roles.",
})
export class UsersSetRoleCommand extends InstallationCommand {
  override async run([meant = '', ...roles]: string[]): Promise<void> {
    const user = await this.installation.use(async (app) => {
      const { id } = await findUser(app, meant);
      await refuseUnknownRoles(app, roles);
      return app.get(UserRolesService, { strict: false }).replace(id, roles, COMMAND_LINE);
    });
    this.terminal.print(UserDto.from(user), `${user.username} has ${rolesOf(user)} now.`);
  }
}

abstract class SetActiveCommand extends InstallationCommand {
  protected abstract readonly isActive: boolean;

  override async run([meant = '']: string[]): Promise<void> {
    const user = await this.installation.use(async (app) => {
      const { id } = await findUser(app, meant);
      return app.get(AdminUsersService).setActive(id, this.isActive, COMMAND_LINE);
    });
    const words = this.isActive
      ? `The account ${user.username} is open.`
      : `The account ${user.username} is closed; its sessions and keys work no more.`;
    this.terminal.print(UserDto.from(user), words);
  }
}

@SubCommand({
  name: 'deactivate',
  arguments: '<user>',
  argsDescription: { user: 'user name, email or id, such as id:12' },
  description: 'Close an account. All its sessions end, its API keys work no more.',
})
export class UsersDeactivateCommand extends SetActiveCommand {
  protected readonly isActive = false;
}

@SubCommand({
  name: 'activate',
  arguments: '<user>',
  argsDescription: { user: 'user name, email or id, such as id:12' },
  description: 'Open a closed account again.',
})
export class UsersActivateCommand extends SetActiveCommand {
  protected readonly isActive = true;
}

@SubCommand({
  name: 'reset-password',
  arguments: '<user>',
  argsDescription: { user: 'user name, email or id, such as id:12' },
  description: 'Make a link with which somebody sets a new password, once and within half an hour.',
})
export class UsersResetPasswordCommand extends InstallationCommand {
  override async run([meant = '']: string[], { mail = false }: { mail?: boolean }): Promise<void> {
    const { user, issued } = await this.installation.use(async (app) => {
      const user = await findUser(app, meant);
      return { user, issued: await app.get(PasswordResetsService, { strict: false }).issueFor(user.id, mail) };
    });
    const { token = null, link = null, expiresAt = null } = issued ?? {};
    this.terminal.print(
      { user_id: user.id, mailed: issued === null, token, link, expires_at: expiresAt },
      issued === null
        ? `A link is on its way to ${user.email}.`
        : [
            `Hand this over to ${user.username}. It works once, until ${issued.expiresAt.toISOString()}:`,
            issued.link ?? issued.token,
            ...(issued.link === null
              ? ['It is the token for POST /api/v1/auth/password/reset. Set LUMIERE_PUBLIC_URL to get a link instead.']
              : []),
          ],
    );
  }

  @Option({ flags: '--mail', description: 'send it to the address of the account, and do not show it' })
  protected mail(): boolean {
    return true;
  }
}

@Command({
  name: 'users',
  description: 'People and their accounts.',
  subCommands: [
    UsersCreateCommand,
    UsersListCommand,
    UsersSetRoleCommand,
    UsersResetPasswordCommand,
    UsersDeactivateCommand,
    UsersActivateCommand,
  ],
})
export class UsersCommand extends CommandGroup {}

export const USER_COMMANDS = [
  UsersCommand,
  UsersCreateCommand,
  UsersListCommand,
  UsersSetRoleCommand,
  UsersResetPasswordCommand,
  UsersDeactivateCommand,
  UsersActivateCommand,
];

/** @throws CommandFailure that names those that do not exist, and those that do */
async function refuseUnknownRoles(app: INestApplicationContext, names: readonly string[]): Promise<void> {
  const roles = await app
    .get(DataSource)
    .getRepository(Role)
    .find({ order: { id: 'ASC' } });
  const known = roles.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length === 0) return;
  throw refused(`There is no role ${unknown.join(', ')}. The roles are: ${known.join(', ')}.`);
}

/** Who makes an account for somebody else is not the one to choose another name for it. */
function asTaken({ username, email }: RegisterDto): (error: unknown) => never {
  return (error) => {
    if (!(error instanceof DomainError)) throw error;
    if (error.code === 'username_taken') {
      throw new DomainError(error.code, `There is already an account ${username}.`, { cause: error });
    }
    if (error.code === 'email_taken') {
      throw new DomainError(error.code, `There is already an account with the address ${email}.`, { cause: error });
    }
    throw error;
  };
}

function roleNames(user: User): string[] {
  return user.userRoles.map(({ role }) => role.name).sort();
}

function rolesOf(user: User): string {
  const names = roleNames(user);
  return `${names.length === 1 ? 'the role' : 'the roles'} ${names.join(', ')}`;
}
