import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { KeyConfig, RuntimeConfig } from '../config/index.js';
import { CredentialCipher } from './credential-cipher.js';
import { EncryptionKeys } from './encryption-keys.js';
import { installationKey } from './keys.js';
import { PasswordHasher } from './password-hasher.js';
import { RouteAccessAudit } from './route-access.audit.js';

/** The key that signs access tokens. */
export class SigningKey {
  constructor(readonly value: string) {}
}

@Module({})
export class SecurityModule {
  static forRoot(): DynamicModule {
    return {
      module: SecurityModule,
      global: true,
      imports: [DiscoveryModule],
      providers: [
        RouteAccessAudit,
        PasswordHasher,
        {
          provide: SigningKey,
          inject: [KeyConfig, RuntimeConfig],
          useFactory: async (keys: KeyConfig, runtime: RuntimeConfig) =>
            new SigningKey(await installationKey(keys.secretKey, runtime.dataDir, 'secret')),
        },
        {
          provide: EncryptionKeys,
          inject: [KeyConfig, RuntimeConfig],
          useFactory: async (keys: KeyConfig, runtime: RuntimeConfig) => {
            const { encryptionKey, previousEncryptionKeys } = keys;
            // Made on the first start, so that the first credential does not wait for it.
            await installationKey(encryptionKey, runtime.dataDir, 'encryption');
            return new EncryptionKeys(encryptionKey, previousEncryptionKeys, runtime.dataDir);
          },
        },
        CredentialCipher,
      ],
      exports: [PasswordHasher, SigningKey, EncryptionKeys, CredentialCipher],
    };
  }
}
