import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { type FindOptionsWhere, IsNull, MoreThan, Repository } from 'typeorm';
import { pick, UnitOfWork } from '../../platform/audit/index.js';
import { type Page, type PageQuery, paginate } from '../../platform/database/index.js';
import { DomainError, notFound } from '../../platform/errors/domain-error.js';
import { PasswordHasher, type Principal } from '../../platform/security/index.js';
import { settingsOf } from './dashboard-filters.js';
import { DashboardNews } from './dashboard-news.js';
import { keep } from './dashboard-versions.service.js';
import { DashboardPolicy } from './dashboard.policy.js';
import { DashboardsService } from './dashboards.service.js';
import type { NewPublicLinkDto } from './dto/public-link.dto.js';
import { DashboardVersion } from './entities/dashboard-version.entity.js';
import { PublicLink } from './entities/public-link.entity.js';

/** Of a token: nobody finds one by trying. */
const TOKEN_BYTES = 32;
const MOST_LINKS = 100;
const TOLD = ['dashboardId', 'filters', 'expiresAt', 'revokedAt'] as const;

/** Making and revoking links that show dashboards to anybody. */
@Injectable()
export class PublicLinksService {
  constructor(
    @InjectRepository(PublicLink) private readonly links: Repository<PublicLink>,
    private readonly unitOfWork: UnitOfWork,
    private readonly dashboards: DashboardsService,
    private readonly policy: DashboardPolicy,
    private readonly passwords: PasswordHasher,
    private readonly news: DashboardNews,
  ) {}

  /**
   * Makes a link to what was published last; a dashboard that never was is published as it stands.
   *
   * @returns also the token, which is not kept
   * @throws DomainError `not_found`, `forbidden`, `validation_failed` for a time that is over, or for filters that the dashboard does not have, `conflict` when it has too
   *   many links
   */
  async create(
    dashboardId: number,
    given: NewPublicLinkDto,
    caller: Principal,
  ): Promise<{ link: PublicLink; token: string }> {
    const { expires_at: expires = null, password = null, filters = [] } = given;
    await this.dashboards.get(dashboardId, caller);
    await this.dashboards.refuseWithout('manage', dashboardId, caller);
    this.policy.refuseNarrowKey(caller);
    const expiresAt = expires === null ? null : new Date(expires);
    if (expiresAt !== null && expiresAt.getTime() <= Date.now()) throw isOver();
    const passwordHash = password === null ? null : await this.passwords.hash(password);
    const token = randomBytes(TOKEN_BYTES).toString('base64url');
    const link = await this.unitOfWork.run(async ({ manager, record }) => {
      const dashboard = await this.dashboards.lock(manager, dashboardId, caller, 'manage');
      const earlier = await manager.findOne(DashboardVersion, { where: { dashboardId }, order: { version: 'DESC' } });
      const published = earlier ?? (await keep(manager, dashboard, caller)).version;
      settingsOf(published.content.filters, filters);
      if ((await manager.countBy(PublicLink, alive(dashboardId))) >= MOST_LINKS) throw tooMany();
      const { id } = await manager.save(PublicLink, {
        dashboardId,
        tokenHash: hashOf(token),
        passwordHash,
        filters,
        expiresAt,
        createdBy: caller.userId,
        roleIds: caller.roleIds,
      });
      const made = await manager.findOneByOrFail(PublicLink, { id });
      const details = { has_password: passwordHash !== null, version: published.version };
      if (earlier === null) {
        const after = { version: published.version };
        record({ action: 'dashboard.published', objectId: dashboardId, after, details: { public_link_id: id } });
      }
      record({ action: 'public_link.created', objectId: id, after: pick(made, TOLD), details });
      const what = `has made a public link to your dashboard “${dashboard.name}”`;
      await this.news.tellOwner(dashboard, caller, { what, body: SEEN, meta: { public_link_id: id } }, manager);
      return made;
    });
    return { link, token };
  }

  /** Newest first, those that have ended as well. @throws DomainError `not_found`, `forbidden` */
  async list(dashboardId: number, page: PageQuery, caller: Principal): Promise<Page<PublicLink>> {
    await this.dashboards.get(dashboardId, caller);
    await this.dashboards.refuseWithout('manage', dashboardId, caller);
    return paginate(
      this.links.createQueryBuilder('link').where('link.dashboardId = :dashboardId', { dashboardId }),
      page,
    );
  }

  /** Ends a link at once; one that has ended stays so. @throws DomainError `not_found` for the dashboard or the link, `forbidden` */
  async revoke(dashboardId: number, linkId: number, caller: Principal): Promise<void> {
    await this.unitOfWork.run(async ({ manager, record }) => {
      await this.dashboards.lock(manager, dashboardId, caller, 'manage');
      const link = await manager.findOneBy(PublicLink, { id: linkId, dashboardId });
      if (link === null) throw notFound('link to this dashboard');
      if (link.revokedAt !== null) return;
      await manager.update(PublicLink, { id: linkId }, { revokedAt: new Date() });
      record({ action: 'public_link.revoked', objectId: linkId, before: pick(link, TOLD) });
    });
  }
}

const SEEN =
  'Whoever has the link can look at it without signing in. You can see the link, and end it, in its public links.';

/** What is kept of a token. It is random enough to need no salt. */
export function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}

function isOver(): DomainError {
  return new DomainError('validation_failed', 'The link would have ended before it began. Choose a later time.', {
    errors: [{ field: 'expires_at', message: 'must be in the future' }],
  });
}

/** Those that show something. */
function alive(dashboardId: number): FindOptionsWhere<PublicLink>[] {
  const shown = { dashboardId, revokedAt: IsNull() };
  return [
    { ...shown, expiresAt: IsNull() },
    { ...shown, expiresAt: MoreThan(new Date()) },
  ];
}

function tooMany(): DomainError {
  return new DomainError('conflict', `A dashboard can have ${MOST_LINKS} public links at a time. Revoke one of them.`);
}
