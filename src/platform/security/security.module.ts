import { type DynamicModule, Module } from '@nestjs/common';
import { DiscoveryModule } from '@nestjs/core';
import { KeyConfig, RuntimeConfig } from '../config/index.js';
import { installationKey } from './keys.js';
import { PasswordHasher } from './password-hasher.js';
import { RouteAccessAudit } from './route-access.audit.js';

/** The key that signs access tokens. */
export class SigningKey {
  constructor(readonly value: string) {}
}

/** The key that encrypts stored credentials. */
class EncryptionKey {
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
          provide: EncryptionKey,
          inject: [KeyConfig, RuntimeConfig],
          useFactory: async (keys: KeyConfig, runtime: RuntimeConfig) =>
            new EncryptionKey(await installationKey(keys.encryptionKey, runtime.dataDir, 'encryption')),
        },
      ],
      exports: [PasswordHasher, SigningKey, EncryptionKey],
    };
  }
}
