import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LRUCache } from 'lru-cache';
import { Repository } from 'typeorm';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { LONGEST_PASSWORD_BYTES, PasswordHasher, type Principal } from '../../platform/security/index.js';
import { LoginThrottle } from '../auth/index.js';
import { AccountsService } from '../users/index.js';
import { DashboardVersionsService } from './dashboard-versions.service.js';
import { DashboardsService } from './dashboards.service.js';
import type { DashboardVersion } from './entities/dashboard-version.entity.js';
import { PublicLink } from './entities/public-link.entity.js';
import { hashOf } from './public-links.service.js';

/** Passwords that were right lately are known again, so that every look at a page does not take a quarter of a second. */
const REMEMBERED = { max: 1000, ttl: 15 * 60_000 };
const NOTED_EVERY = `interval '1 minute'`;

export interface OpenedLink {
  link: PublicLink;
  published: DashboardVersion;
  /** In whose name, and so under whose access rules, the data is read. */
  maker: Principal;
}

/** Who comes with a link, and a password where there is one, gets what was published under the access rules of who made it. */
@Injectable()
export class PublicDashboardsService {
  private readonly salt = randomBytes(32);
  private readonly proven = new LRUCache<number, Buffer>(REMEMBERED);

  constructor(
    @InjectRepository(PublicLink) private readonly links: Repository<PublicLink>,
    private readonly accounts: AccountsService,
    private readonly passwords: PasswordHasher,
    private readonly throttle: LoginThrottle,
    private readonly dashboards: DashboardsService,
    private readonly versions: DashboardVersionsService,
  ) {}

  /**
   * @param authorization header of the request
   * @param address where the caller is
   * @throws DomainError `not_found` for a link that there is not, that has ended, or whose maker may not share the dashboard any more;
   *   `link_password_needed`, `rate_limited`
   */
  async open(token: string, authorization: string | undefined, address: string): Promise<OpenedLink> {
    const link = await this.links.findOneBy({ tokenHash: hashOf(token) });
    if (link === null || link.revokedAt !== null || isOver(link)) throw noSuchLink();
    await this.checkPassword(link, authorization, address);
    const maker = await this.makerOf(link);
    const published = await this.versions.latest(link.dashboardId);
    if (maker === null || published === null) throw noSuchLink();
    await this.links.query(
      `UPDATE public_links SET last_used_at = now()
       WHERE id = $1 AND (last_used_at IS NULL OR last_used_at < now() - ${NOTED_EVERY})`,
      [link.id],
    );
    return { link, published, maker };
  }

  /** Roles only add rules: with those of then and those of now, neither a new rule nor a lost role shows more. */
  private async makerOf({ createdBy, dashboardId, roleIds }: PublicLink): Promise<Principal | null> {
    const account = await this.accounts.findPrincipal(createdBy);
    if (account === null || !account.permissions.has('dashboards:publish')) return null;
    const mayManage = this.dashboards
      .visible(account, 'manage')
      .andWhere('dashboard.id = :dashboardId', { dashboardId });
    if (!(await mayManage.getExists())) return null;
    const { userId, roles, permissions } = account;
    const union = [...new Set([...account.roleIds, ...roleIds])];
    return { userId, roles, permissions, roleIds: union, apiKeyId: null, dataSourceIds: null };
  }

  private async checkPassword(
    { id, passwordHash }: PublicLink,
    authorization: string | undefined,
    address: string,
  ): Promise<void> {
    if (passwordHash === null) return;
    const password = passwordOf(authorization);
    if (password === null) throw passwordNeeded('This dashboard has a password. Send it by HTTP Basic authentication.');
    const digest = createHmac('sha256', this.salt).update(`${id}:${password}`).digest();
    const known = this.proven.get(id);
    if (known !== undefined && timingSafeEqual(known, digest)) return;
    const fits = Buffer.byteLength(password) <= LONGEST_PASSWORD_BYTES;
    const check = async (): Promise<boolean> => fits && (await this.passwords.verify(password, passwordHash));
    if (!(await this.throttle.attempt({ linkId: id }, address, check))) throw passwordNeeded('The password is wrong.');
    this.proven.set(id, digest);
  }
}

function isOver({ expiresAt }: PublicLink): boolean {
  return expiresAt !== null && expiresAt.getTime() <= Date.now();
}

/** The password of HTTP Basic authentication (RFC 7617), whatever the user name is; null when there is none. */
function passwordOf(authorization = ''): string | null {
  const [, encoded] = /^Basic +([A-Za-z0-9+/_-]+=*)$/i.exec(authorization) ?? [];
  if (encoded === undefined) return null;
  const text = Buffer.from(encoded, 'base64').toString();
  const colon = text.indexOf(':');
  return colon < 0 ? null : text.slice(colon + 1);
}

function noSuchLink(): DomainError {
  return notFound('public dashboard');
}

function passwordNeeded(detail: string): DomainError {
  return new DomainError('link_password_needed', detail);
}
