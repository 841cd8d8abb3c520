export { CombinedConnector } from './combined-connector.js';
export type { RemoteTable } from './fetch-plan.js';
export type { FetchLimits } from './fetch-tables.js';
