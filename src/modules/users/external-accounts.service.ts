import { Injectable, Logger } from '@nestjs/common';
import { type EntityManager, In } from 'typeorm';
import { type Change, pick } from '../../platform/audit/index.js';
import { asTaken, FIRST_ACCOUNT_LOCK } from './accounts.service.js';
import { ADMINISTRATOR, hasOtherAdministrator } from './administrators.js';
import { Role } from './entities/role.entity.js';
import { UserRole } from './entities/user-role.entity.js';
import { User } from './entities/user.entity.js';

/** A person as another system describes them. */
export interface ExternalPerson {
  /** The name they would like; it is made one that is valid and free. */
  username: string;
  email: string;
  fullName: string | null;
}

/** Which roles another system has a say in, and what it says about one person. */
export interface RoleRules {
  /** Names of the roles that it gives and takes. Any other role stays as people here have given it. */
  managed: readonly string[];
  /** Those of them that the person has there. */
  granted: readonly string[];
  /** The role of who would have none otherwise. */
  otherwise: string | undefined;
}

const LONGEST_USERNAME = 50;
const SHORTEST_USERNAME = 3;

/** Accounts of people whom another system has proven, and who therefore have no password here. */
@Injectable()
export class ExternalAccountsService {
  private readonly logger = new Logger(ExternalAccountsService.name);

  /**
   * Makes an account that no password opens, without any role. Never an administrator, even if it is the first account: who
   * administers is for the roles to say.
   *
   * @throws DomainError `email_taken`
   */
  async create({ username, email, fullName }: ExternalPerson, { manager, record }: Change): Promise<User> {
    await manager.query('SELECT pg_advisory_xact_lock($1)', [FIRST_ACCOUNT_LOCK]);
    const free = await freeUsername(username, manager);
    const account = { username: free, email, fullName, passwordHash: null };
    const user = await manager.save(manager.create(User, account)).catch(asTaken);
    record({ action: 'user.created', objectId: user.id, after: pick(user, ['username', 'email', 'fullName']) });
    return user;
  }

  /** The account with this address, whatever its case. */
  async findByEmail(email: string, manager: EntityManager): Promise<User | null> {
    return manager.createQueryBuilder(User, 'user').where('lower(user.email) = lower(:email)', { email }).getOne();
  }

  /**
   * Gives and takes roles as another system says. The last active administrator stays one, with a warning in the log.
   * The caller holds `lockAdministrators`.
   */
  async applyRoles(userId: number, rules: RoleRules, { manager, record }: Change): Promise<void> {
    const held = await rolesOf(userId, manager);
    const granted = await this.existing(rules.granted, manager);
    const lost = held.filter(({ id, name }) => rules.managed.includes(name) && !granted.some((role) => role.id === id));
    if (lost.some(({ name }) => name === ADMINISTRATOR) && !(await hasOtherAdministrator(userId, manager))) {
      this.logger.warn(
        `User ${userId} stays administrator, as the last active one, although the provider says otherwise`,
      );
      lost.splice(
        lost.findIndex(({ name }) => name === ADMINISTRATOR),
        1,
      );
    }
    const kept = held.filter((role) => !lost.includes(role));
    const gained = granted.filter(({ id }) => !held.some((role) => role.id === id));
    if (kept.length + gained.length === 0 && rules.otherwise !== undefined) {
      gained.push(...(await this.existing([rules.otherwise], manager)));
    }
    if (lost.length + gained.length === 0) return;
    await manager.delete(UserRole, { userId, roleId: In(lost.map(({ id }) => id)) });
    await manager.insert(
      UserRole,
      gained.map(({ id }) => ({ userId, roleId: id })),
    );
    record({
      action: 'user.roles_changed',
      objectId: userId,
      before: { roles: namesOf(held) },
      after: { roles: namesOf([...kept, ...gained]) },
    });
  }

  private async existing(names: readonly string[], manager: EntityManager): Promise<Role[]> {
    const roles = await manager.findBy(Role, { name: In([...names]) });
    const unknown = names.filter((name) => !roles.some((role) => role.name === name));
    if (unknown.length > 0) {
      this.logger.warn(`There is no role ${unknown.join(', ')}, which OIDC_ROLE_MAP or OIDC_DEFAULT_ROLE names`);
    }
    return roles;
  }
}

async function rolesOf(userId: number, manager: EntityManager): Promise<Role[]> {
  const rows = await manager.find(UserRole, { where: { userId }, relations: { role: true } });
  return rows.map(({ role }) => role);
}

/** The wanted name without what names may not hold, then with a number, until nobody has it. */
async function freeUsername(wanted: string, manager: EntityManager): Promise<string> {
  const clean = wanted.normalize('NFC').replaceAll(/[^\p{L}\p{N}._-]+/gu, '-');
  const base = [...clean].slice(0, LONGEST_USERNAME).join('').padEnd(SHORTEST_USERNAME, '-');
  for (let nth = 1; ; nth++) {
    const ending = nth === 1 ? '' : `-${nth}`;
    const name = `${base.slice(0, LONGEST_USERNAME - ending.length).toWellFormed()}${ending}`;
    const taken = await manager
      .createQueryBuilder(User, 'user')
      .where('lower(user.username) = lower(:name)', { name })
      .getExists();
    if (!taken) return name;
  }
}

function namesOf(roles: readonly Role[]): string[] {
  return roles.map(({ name }) => name).sort();
}
