import { Global, Module } from '@nestjs/common';
import { LocalStorage } from './local-storage.js';

@Global()
@Module({ providers: [LocalStorage], exports: [LocalStorage] })
export class StorageModule {}
