export { MySqlConnector } from './mysql-connector.js';
