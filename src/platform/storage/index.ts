export { LocalStorage } from './local-storage.js';
export { StorageModule } from './storage.module.js';
