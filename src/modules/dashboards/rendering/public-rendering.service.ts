import { Injectable } from '@nestjs/common';
import { PublicDashboardDto } from '../dto/rendered.dto.js';
import type { OpenedLink } from '../public-dashboards.service.js';
import { dashboardPage, type DashboardPage } from './dashboard-page.js';
import { DashboardPictures } from './dashboard-pictures.js';
import { DashboardRenderer } from './dashboard-renderer.js';
import type { Look } from './dashboard-rendering.service.js';
import type { RenderedDashboard } from './rendered.js';

const RULES = 'Rows are shown under the access rules that hold for the person who made this link.';

/** What was published, for whoever comes with a link. */
@Injectable()
export class PublicRenderingService {
  constructor(
    private readonly renderer: DashboardRenderer,
    private readonly pictures: DashboardPictures,
  ) {}

  /** @throws DomainError `validation_failed` for a filter that there is not, or that cannot be changed */
  async data(opened: OpenedLink, look: Look): Promise<PublicDashboardDto> {
    return PublicDashboardDto.of(await this.render(opened, look), opened.published.createdAt, RULES);
  }

  /** The same as a page that stands alone. */
  async page(opened: OpenedLink, look: Look): Promise<DashboardPage> {
    const notes = { rules: RULES, publishedAt: opened.published.createdAt };
    const rendered = await this.render(opened, look);
    return dashboardPage(rendered, notes, (card) => this.pictures.card(card), '?');
  }

  private render({ link, published, maker }: OpenedLink, { chosen, waitMs }: Look): Promise<RenderedDashboard> {
    const shown = { as: 'public_dashboard', dashboard_id: link.dashboardId, public_link_id: link.id };
    return this.renderer.render(published.content, maker, { chosen, locked: link.filters, waitMs, shown });
  }
}
