import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { EncryptionKeys } from './encryption-keys.js';

/** The row that a secret belongs to. A text that somebody copies to another place cannot be read there. */
export interface CredentialPlace {
  table: string;
  column: string;
  id: number;
}

/** A stored secret that cannot be read: its key is not there, or the text is not as it was written, or not where it was. */
export class UnreadableCredentialError extends Error {
  override readonly name = 'UnreadableCredentialError';
}

const ALGORITHM = 'aes-256-gcm';
const IV_BYTES = 12;
const TAG_BYTES = 16;
const FORM = /^v1\.([0-9a-f]{16})\.([\w-]{16})\.([\w-]{22})\.([\w-]*)$/;

/**
 * Encrypts secrets that must be read again, such as the passwords of databases: AES-256-GCM (NIST SP 800-38D) with a random
 * nonce, bound to the row. As text: `v1.<key id>.<nonce>.<tag>.<ciphertext>`, the last three in base64url.
 */
@Injectable()
export class CredentialCipher {
  constructor(private readonly keys: EncryptionKeys) {}

  async encrypt(secret: string, place: CredentialPlace): Promise<string> {
    const { id, key } = await this.keys.current();
    const iv = randomBytes(IV_BYTES);
    const cipher = createCipheriv(ALGORITHM, key, iv, { authTagLength: TAG_BYTES }).setAAD(boundTo(place));
    const text = Buffer.concat([cipher.update(secret, 'utf8'), cipher.final()]);
    return ['v1', id, ...[iv, cipher.getAuthTag(), text].map((part) => part.toString('base64url'))].join('.');
  }

  /** @throws UnreadableCredentialError */
  async decrypt(text: string, place: CredentialPlace): Promise<string> {
    const [, keyId = '', iv = '', tag = '', secret = ''] = FORM.exec(text) ?? [];
    if (keyId === '') throw new UnreadableCredentialError('It is not in the form of an encrypted credential.');
    const found = await this.keys.find(keyId);
    if (found === undefined) throw new UnreadableCredentialError(`Its key ${keyId} is not there.`);
    const decipher = createDecipheriv(ALGORITHM, found.key, Buffer.from(iv, 'base64url'), { authTagLength: TAG_BYTES })
      .setAAD(boundTo(place))
      .setAuthTag(Buffer.from(tag, 'base64url'));
    try {
      return Buffer.concat([decipher.update(Buffer.from(secret, 'base64url')), decipher.final()]).toString('utf8');
    } catch (cause) {
      throw new UnreadableCredentialError('It has been changed, or moved here from another row.', { cause });
    }
  }

  /** Whether the text was encrypted with the key that new ones are encrypted with. */
  async isCurrent(text: string): Promise<boolean> {
    return FORM.exec(text)?.[1] === (await this.keys.current()).id;
  }
}

function boundTo({ table, column, id }: CredentialPlace): Buffer {
  return Buffer.from(`${table}.${column}.${id}`);
}
