export { openSwaps, swapFolders } from './folder-swap.js';
export { LocalStorage } from './local-storage.js';
export { StorageModule } from './storage.module.js';
