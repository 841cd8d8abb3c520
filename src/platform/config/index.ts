export * from './config.js';
export * from './config.module.js';
export { ConfigurationError, DataDirectoryInUseError, readEnvironment } from './environment.js';
