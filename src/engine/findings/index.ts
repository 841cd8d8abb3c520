export * from './contract.js';
export { findIn, type Search } from './find.js';
