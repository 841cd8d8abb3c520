import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { Piscina } from 'piscina';
import type { PngOptions, SvgOptions } from '../../../engine/charts/index.js';
import { EngineError } from '../../../engine/errors.js';
import type { Publication } from '../../../engine/publishing/index.js';
import type { Drawn, DrawingTask, PicturePage } from './drawing.worker.js';

const IDLE_MS = 120_000;
/** Each has the drawing libraries in memory, some 60 MB. */
const MOST_THREADS = 2;

type Spec = Record<string, unknown>;

/** Draws pictures and documents without holding up the event loop. */
@Injectable()
export class Drawings implements OnApplicationShutdown {
  private readonly threads = new Piscina({
    filename: new URL('./drawing.worker.js', import.meta.url).href,
    minThreads: 0,
    maxThreads: MOST_THREADS,
    idleTimeout: IDLE_MS,
    concurrentTasksPerWorker: 1,
  });

  /** As `renderSvg`. @throws EngineError `chart_not_possible` */
  async svg(spec: Spec, options: SvgOptions = {}): Promise<string> {
    return this.text({ kind: 'svg', spec, options });
  }

  /** As `renderPng`. @throws EngineError `chart_not_possible` */
  async png(spec: Spec, options: PngOptions = {}): Promise<Buffer> {
    return this.bytes({ kind: 'png', spec, options });
  }

  /** As `renderPageSvg`. */
  async pageSvg(page: PicturePage): Promise<string> {
    return this.text({ kind: 'page-svg', page });
  }

  /** As `renderPagePng`. @throws EngineError `chart_not_possible` when the page is too long for one picture */
  async pagePng(page: PicturePage): Promise<Buffer> {
    return this.bytes({ kind: 'page-png', page });
  }

  /** As `pdfDocument`, made now. */
  async pdf(publication: Publication): Promise<Buffer> {
    return this.bytes({ kind: 'pdf', publication, made: new Date() });
  }

  async onApplicationShutdown(): Promise<void> {
    await this.threads.destroy();
  }

  private async text(task: DrawingTask): Promise<string> {
    return String(await this.run(task));
  }

  private async bytes(task: DrawingTask): Promise<Buffer> {
    return Buffer.from((await this.run(task)) as Uint8Array);
  }

  private async run(task: DrawingTask): Promise<string | Uint8Array> {
    const outcome = (await this.threads.run(task)) as Drawn;
    if ('drawn' in outcome) return outcome.drawn;
    const { code, message } = outcome.refused;
    throw new EngineError(code, message);
  }
}
