export { chooseChart, type ChartWish } from './choose-chart.js';
export * from './contract.js';
export { dayColumns, dayOf } from './day-columns.js';
export { cellText } from './cells.js';
export { cardBox, type CardBox, type PageCard, PAGE_WIDTH, renderPagePng, renderPageSvg } from './page.js';
export { plainNumber, plainValue } from './plain-value.js';
export { type PngOptions, renderPng, renderSvg, type SvgOptions } from './render.js';
