/** Draws chart specifications as SVG and PNG, without a browser, a canvas or the network. */
import type { Loader, LoggerInterface } from 'vega';
import type { TopLevelSpec } from 'vega-lite';
import { EngineError } from '../errors.js';
import { FONT_FILES, fontMetrics } from './font-metrics.js';
import { trustedSpec } from './trusted-spec.js';

export interface SvgOptions {
  /** Size of the whole picture in pixels, 120 to 4,000; the specification's own when left out. */
  width?: number;
  height?: number;
}

export interface PngOptions extends SvgOptions {
  /** Pixels of the picture for each pixel of the specification, 0.5 to 4; 2 when left out, for sharp screens. */
  scale?: number;
}

const MIN_SIZE = 120;
const MAX_SIZE = 4_000;
/** Pixels around a ring: those around every chart, and a little. */
const RING_MARGIN = 22;
/** The most pixels of a PNG, 64 MB of memory while it is drawn. */
const MAX_PIXELS = 16_000_000;

/**
 * The chart as a standalone SVG document: text is escaped, and there are no scripts, links or outside resources in it.
 *
 * @param spec a specification that `chooseChart` made (as it was, or read back from JSON)
 * @throws EngineError `chart_not_possible` when the specification is not one of ours or a size is out of bounds
 */
export async function renderSvg(spec: Record<string, unknown>, options: SvgOptions = {}): Promise<string> {
  const sized = { ...trustedSpec(spec) };
  const width = sizeOf(options.width ?? sized.width, 'width');
  const height = sizeOf(options.height ?? sized.height, 'height');
  Object.assign(sized, { width, height }, fittingRing(sized.mark, width, height));
  const { compile, vega } = await libraries();
  // `trustedSpec` has looked at every key: what is left is a specification of ours.
  const compiled = compile(sized as unknown as TopLevelSpec, { logger: LOGGER }).spec;
  const view = new vega.View(vega.parse(compiled), { renderer: 'none', loader: NO_LOADER, logger: LOGGER });
  try {
    await view.runAsync();
    // Vega numbers clip paths and gradients through all pictures: the same chart shall give the same document.
    vega.resetSVGDefIds();
    return await view.toSVG();
  } finally {
    view.finalize();
  }
}

/**
 * The chart as a PNG on white, drawn on a thread of its own with the shipped font. The font covers Latin (Vietnamese
 * included), Greek, Cyrillic, Armenian, Georgian, Hebrew, Arabic and many symbols; ideographs and most emoji come out as
 * boxes here, and as themselves in the SVG.
 *
 * @throws EngineError `chart_not_possible` as `renderSvg` does
 */
export async function renderPng(spec: Record<string, unknown>, options: PngOptions = {}): Promise<Buffer> {
  const scale = options.scale ?? 2;
  if (!(scale >= 0.5 && scale <= 4)) outOfBounds('The scale of a picture', '0.5', '4');
  const width = sizeOf(options.width ?? spec.width, 'width');
  const height = sizeOf(options.height ?? spec.height, 'height');
  if (width * height * scale * scale > MAX_PIXELS) {
    throw new EngineError(
      'chart_not_possible',
      'The picture would have more than 16 million pixels. Ask for a smaller size or scale.',
    );
  }
  return rasterise(await renderSvg(spec, options), scale);
}

/**
 * A picture of an SVG that we have made, on white, with the shipped font.
 *
 * @param scale pixels of the picture for each of the document
 */
export async function rasterise(svg: string, scale: number): Promise<Buffer> {
  const { renderAsync } = await import('@resvg/resvg-js');
  const image = await renderAsync(svg, {
    font: {
      loadSystemFonts: false,
      fontFiles: Object.values(FONT_FILES),
      defaultFontFamily: 'DejaVu Sans Condensed',
      sansSerifFamily: 'DejaVu Sans Condensed',
    },
    fitTo: { mode: 'zoom', value: scale },
    background: '#ffffff',
  });
  return image.asPng();
}

/** A ring has its size in pixels: where there is less room it becomes smaller, as everything else does by itself. */
function fittingRing(mark: unknown, width: number, height: number): { mark?: object } {
  if (typeof mark !== 'object' || mark === null || !('outerRadius' in mark && 'innerRadius' in mark)) return {};
  const [outer, inner] = [Number(mark.outerRadius), Number(mark.innerRadius)];
  const room = Math.min(width * 0.28, height / 2 - RING_MARGIN);
  if (room >= outer) return {};
  return { mark: { ...mark, outerRadius: Math.max(room, 20), innerRadius: Math.max(room, 20) * (inner / outer) } };
}

function sizeOf(value: unknown, name: string): number {
  if (typeof value !== 'number' || !(value >= MIN_SIZE && value <= MAX_SIZE)) {
    return outOfBounds(`The ${name} of a picture`, String(MIN_SIZE), MAX_SIZE.toLocaleString('en-US'));
  }
  return Math.round(value);
}

function outOfBounds(what: string, min: string, max: string): never {
  throw new EngineError('chart_not_possible', `${what} must be between ${min} and ${max}.`);
}

interface Libraries {
  compile: (typeof import('vega-lite'))['compile'];
  vega: typeof import('vega');
}

let loading: Promise<Libraries> | undefined;

/** Vega and Vega-Lite take a third of a second to load: they are loaded with the first picture. */
function libraries(): Promise<Libraries> {
  loading ??= loadLibraries();
  return loading;
}

async function loadLibraries(): Promise<Libraries> {
  const vega = await import('vega');
  const { compile } = await import('vega-lite');
  measureWithShippedFont(vega);
  return { vega, compile };
}

interface TextItem {
  fontSize?: number;
  fontWeight?: string | number;
  limit?: number;
}

/** Vega estimates the width of text where there is no canvas; `textMetrics.width` is its own place for something better. */
function measureWithShippedFont(vega: object): void {
  const metrics: unknown = 'textMetrics' in vega ? vega.textMetrics : undefined;
  if (typeof metrics !== 'object' || metrics === null || !('width' in metrics)) {
    throw new Error('vega has no textMetrics to measure text with');
  }
  metrics.width = (item: TextItem, text: string | number | null | undefined): number => {
    const bold = item.fontWeight === 'bold' || Number(item.fontWeight) >= 600;
    const width = fontMetrics(bold ? 'bold' : 'regular').width(String(text ?? '').trim()) * (item.fontSize ?? 11);
    // A text that is longer than its limit is cut there.
    return item.limit !== undefined && item.limit > 0 ? Math.min(width, item.limit) : width;
  };
}

const refuseToLoad = (): Promise<never> => Promise.reject(new Error('charts load nothing'));
const NO_LOADER: Loader = { load: refuseToLoad, sanitize: refuseToLoad, http: refuseToLoad, file: refuseToLoad };

/** Warnings of Vega are about style; an error would mean a chart that is silently wrong. */
const LOGGER: LoggerInterface = {
  level: () => LOGGER,
  warn: () => LOGGER,
  info: () => LOGGER,
  debug: () => LOGGER,
  error: (...messages: unknown[]) => {
    throw new Error(`the chart could not be drawn: ${messages.map(String).join(' ')}`);
  },
};
