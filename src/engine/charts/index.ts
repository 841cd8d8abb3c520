export { chooseChart, type ChartWish } from './choose-chart.js';
export * from './contract.js';
export { type PngOptions, renderPng, renderSvg, type SvgOptions } from './render.js';
