export * from './contract.js';
export { findInStored } from './find-stored.js';
export { findIn } from './find.js';
