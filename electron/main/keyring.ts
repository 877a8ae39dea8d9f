import { safeStorage } from 'electron';
import type { Keyring } from './vault.ts';

/** The system's keyring by Electron's `safeStorage`. After `ready` only. */
export async function systemKeyring(): Promise<Keyring> {
  const linux = process.platform === 'linux';
  // Asking whether encryption is there is what selects the backend.
  const available = hasAsync() ? await safeStorage.isAsyncEncryptionAvailable() : safeStorage.isEncryptionAvailable();
  const backend = linux ? safeStorage.getSelectedStorageBackend() : available ? 'system' : 'none';
  const unsafe = !available || backend === 'basic_text' || backend === 'unknown';
  return {
    safe: !unsafe,
    backend,
    insist() {
      if (linux) safeStorage.setUsePlainTextEncryption(true);
    },
    async encrypt(text) {
      const bytes = hasAsync() ? await safeStorage.encryptStringAsync(text) : safeStorage.encryptString(text);
      return bytes.toString('base64');
    },
    async decrypt(text) {
      const bytes = Buffer.from(text, 'base64');
      return hasAsync() ? (await safeStorage.decryptStringAsync(bytes)).result : safeStorage.decryptString(bytes);
    },
  };
}

/** The synchronous calls go away in Electron 46; the others are not there in 33. */
function hasAsync(): boolean {
  return 'encryptStringAsync' in safeStorage;
}
