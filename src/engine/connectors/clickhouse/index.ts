export { ClickHouseConnector } from './clickhouse-connector.js';
