export * from './access.decorators.js';
export { isCommonPassword } from './common-passwords.js';
export * from './password-hasher.js';
export * from './principal.js';
export { SecurityModule, SigningKey } from './security.module.js';
