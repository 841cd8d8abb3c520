export * from './config.js';
export * from './config.module.js';
export * from './documents.config.js';
export { ConfigurationError, readEnvironment } from './environment.js';
export * from './jobs.config.js';
export * from './llm.config.js';
export * from './oidc.config.js';
export * from './webhook.config.js';
export * from './results.config.js';
