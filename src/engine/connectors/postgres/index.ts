export { PostgresConnector, type PostgresSource } from './postgres-connector.js';
