export * from './access.decorators.js';
export { isCommonPassword } from './common-passwords.js';
export { CredentialCipher, type CredentialPlace, UnreadableCredentialError } from './credential-cipher.js';
export { EncryptionKeys } from './encryption-keys.js';
export * from './password-hasher.js';
export * from './principal.js';
export { SecurityModule, SigningKey } from './security.module.js';
