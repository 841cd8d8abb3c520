export * from './access.decorators.js';
export * from './password-hasher.js';
export * from './principal.js';
export { SecurityModule, SigningKey } from './security.module.js';
