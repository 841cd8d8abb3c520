import { createHmac } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { SigningKey } from '../../platform/security/index.js';

/** What fingerprints of masked values are made with: the same for the whole installation, and told to nobody. */
@Injectable()
export class MaskKey {
  readonly value: string;

  constructor(key: SigningKey) {
    this.value = createHmac('sha256', key.value).update('masked columns').digest('hex');
  }
}
