/** How charts look: one quiet theme, dark text on white, colours that colour-blind readers can tell apart. */

export const DEFAULT_WIDTH = 720;
export const DEFAULT_HEIGHT = 420;

/** DejaVu Sans Condensed is the font that PNGs are drawn with; the others are narrower or as wide, so labels fit in SVG too. */
export const FONT_FAMILY = '"DejaVu Sans Condensed", "Segoe UI", "Helvetica Neue", Tahoma, Arial, sans-serif';

/**
 * Colours for series: those of Okabe and Ito (2008, "Color Universal Design") without their yellow and black, which
 * vanish on white or beside text, then five of Paul Tol's (2021, "Colour schemes", muted) for the rarer long legends.
 */
export const SERIES_COLOURS =
  '#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #332288 #999933 #882255 #44aa99 #ddcc77 #6b7280'.split(' ');

export const PRIMARY_COLOUR = '#0072b2';
export const NEGATIVE_COLOUR = '#d55e00';
/** Light to dark for quantities, and blue over white to orange for quantities on both sides of zero. */
export const SEQUENTIAL_COLOURS = ['#eef5fa', '#c4ddee', '#8abcdc', '#4a97c6', '#1b74ab', '#0b4a75'];
export const DIVERGING_COLOURS = ['#a84300', '#e0894a', '#f6d3b8', '#f7f7f7', '#b9d7ea', '#4a97c6', '#0b5c8f'];

export const INK = '#1f2937';
export const MUTED_INK = '#5b6675';
const HAIRLINE = '#e6e9ee';

/** The Vega-Lite `config` of every chart. */
export const CHART_CONFIG = {
  background: '#ffffff',
  font: FONT_FAMILY,
  padding: { left: 20, right: 24, top: 18, bottom: 18 },
  view: { stroke: null },
  title: {
    anchor: 'start',
    frame: 'bounds',
    fontSize: 16,
    fontWeight: 'bold',
    color: INK,
    lineHeight: 21,
    offset: 16,
    subtitleFontSize: 12,
    subtitleColor: MUTED_INK,
    subtitleLineHeight: 16,
    subtitlePadding: 6,
  },
  axis: {
    labelFontSize: 11,
    labelColor: MUTED_INK,
    labelLimit: 240,
    maxExtent: 320,
    labelPadding: 6,
    titleFontSize: 11.5,
    titleFontWeight: 'normal',
    titleColor: MUTED_INK,
    titlePadding: 12,
    titleLimit: 360,
    gridColor: HAIRLINE,
    domainColor: '#9aa3af',
    tickColor: '#c3c9d1',
    tickSize: 4,
  },
  axisQuantitative: { domain: false, ticks: false, tickCount: 6 },
  axisDiscrete: { ticks: false, grid: false },
  axisTemporal: { grid: false },
  legend: {
    labelFontSize: 11,
    labelColor: INK,
    labelLimit: 150,
    titleFontSize: 11.5,
    titleFontWeight: 'normal',
    titleColor: MUTED_INK,
    titleLimit: 180,
    symbolSize: 90,
    symbolOpacity: 1,
    symbolStrokeWidth: 2,
    rowPadding: 5,
    columnPadding: 18,
  },
  bar: { color: PRIMARY_COLOUR },
  line: { color: PRIMARY_COLOUR, strokeWidth: 2.25, strokeCap: 'round', strokeJoin: 'round' },
  area: { color: PRIMARY_COLOUR, line: true },
  rect: { color: PRIMARY_COLOUR },
  point: { color: PRIMARY_COLOUR, filled: true, size: 46 },
  text: { fontSize: 11, color: INK },
  range: {
    category: SERIES_COLOURS,
    heatmap: SEQUENTIAL_COLOURS,
    ramp: SEQUENTIAL_COLOURS,
    diverging: DIVERGING_COLOURS,
  },
} as const;
