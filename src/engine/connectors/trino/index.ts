export { TrinoConnector } from './trino-connector.js';
