import { Injectable } from '@nestjs/common';
import { cardBox, type PageCard } from '../../../engine/charts/index.js';
import type { Publication, PublishedPart } from '../../../engine/publishing/index.js';
import { Drawings } from '../../queries/index.js';
import { emptiness, filtersOf, footerOf, isNumber, rowsInWords, subtitleOf } from './in-words.js';
import type { RenderedCard, RenderedDashboard, ShownChart } from './rendered.js';

type PicturePage = Parameters<Drawings['pageSvg']>[0];

/** Dashboards and charts as pictures and as documents. */
@Injectable()
export class DashboardPictures {
  constructor(private readonly drawings: Drawings) {}

  /** The chart of a card as an SVG of the size that it has there; null when the card shows no chart. */
  async card({ shown, place }: RenderedCard): Promise<string | null> {
    const spec = shown?.chart.spec ?? null;
    return spec === null ? null : this.drawings.svg(spec, cardBox(place).body);
  }

  /** The whole dashboard as a standalone SVG document. */
  async svg(rendered: RenderedDashboard): Promise<string> {
    return this.drawings.pageSvg(await this.pageOf(rendered));
  }

  /** The whole dashboard as a PNG. @throws EngineError `chart_not_possible` when it is too long for one picture */
  async png(rendered: RenderedDashboard): Promise<Buffer> {
    return this.drawings.pagePng(await this.pageOf(rendered));
  }

  /** The whole dashboard as a PDF, its charts one below the other. */
  async pdf(rendered: RenderedDashboard): Promise<Buffer> {
    const parts: PublishedPart[] = [];
    for (const { name: title, shown, problem } of rendered.cards) {
      const notes = [problem?.detail ?? 'Nothing to show.'];
      const nothing = { title, picture: null, table: null, dataAsOf: null, notes };
      parts.push(shown === null ? nothing : await this.partOf(title, shown));
    }
    const { name, description } = rendered;
    const notes = [description ?? '', filtersOf(rendered)].filter((note) => note !== '');
    return this.drawings.pdf({ title: name, notes, parts });
  }

  /** One chart as a document: a picture, or a table where the rows are read as such. */
  async document(shown: ShownChart): Promise<Publication> {
    const { title } = shown.chart;
    return { title, notes: [], parts: [await this.partOf(title, shown)] };
  }

  private async partOf(title: string, shown: ShownChart): Promise<PublishedPart> {
    const { chart, columns, rows, rowCount, truncated, asOf, restricted } = shown;
    const nothing = emptiness(shown);
    const picture =
      chart.spec === null || nothing !== null
        ? null
        : { png: await this.drawings.png(chart.spec, { scale: 2 }), svg: await this.drawings.svg(chart.spec) };
    return {
      title,
      picture,
      table: picture === null && nothing === null ? { columns, rows, rowCount } : null,
      dataAsOf: asOf,
      notes: [
        ...(nothing === null ? [] : [nothing]),
        ...(truncated ? ['The result was cut at the most rows that a query keeps.'] : []),
        ...(restricted ? ['Access rules keep some of the data from the reader.'] : []),
      ],
    };
  }

  private async pageOf(rendered: RenderedDashboard): Promise<PicturePage> {
    const cards: PageCard[] = [];
    for (const card of rendered.cards) cards.push(await this.pageCard(card, rendered.asOf));
    return { title: rendered.name, subtitle: subtitleOf(rendered), note: filtersOf(rendered), cards };
  }

  private async pageCard(card: RenderedCard, asOf: Date | null): Promise<PageCard> {
    const { name: title, place, shown, problem } = card;
    const told = { title, place, footer: footerOf(card, asOf) };
    if (shown === null) {
      return { ...told, body: { kind: 'message', text: problem?.detail ?? 'Nothing to show.', isBad: true } };
    }
    const nothing = emptiness(shown);
    if (nothing !== null) return { ...told, body: { kind: 'message', text: nothing, isBad: false } };
    const svg = await this.card(card);
    if (svg !== null) return { ...told, body: { kind: 'chart', svg } };
    const columns = shown.columns.map((column) => ({ title: column.name, isNumber: isNumber(column) }));
    return { ...told, body: { kind: 'table', columns, rows: rowsInWords(shown) } };
  }
}
