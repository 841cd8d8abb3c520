import { createHash, randomBytes } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { Repository } from 'typeorm';
import { HttpConfig } from '../../platform/config/index.js';
import { notFound } from '../../platform/errors/domain-error.js';
import { AccountsService } from '../users/index.js';
import { Export } from './entities/export.entity.js';
import { type Download, ExportDownloads } from './export-downloads.js';
import { mayLook } from './export-subjects.js';

/** Links to files for people who read their mail: whoever has one gets the file, as its recipient would, until it expires. */
@Injectable()
export class ExportLinks {
  constructor(
    @InjectRepository(Export) private readonly exports: Repository<Export>,
    private readonly accounts: AccountsService,
    private readonly downloads: ExportDownloads,
    private readonly config: HttpConfig,
  ) {}

  /** A new link, in the place of an earlier one; null where it is not known under which address people reach the server. */
  async issue({ id }: Export): Promise<string | null> {
    const { publicUrl } = this.config;
    if (publicUrl === undefined) return null;
    const token = randomBytes(32).toString('base64url');
    await this.exports.update({ id }, { linkHash: hashOf(token) });
    return `${publicUrl}/api/v1/public/exports/${token}`;
  }

  /** @throws DomainError `not_found` for a link that there is not; and as `ExportDownloads.open` */
  async open(token: string, signal: AbortSignal): Promise<Download> {
    const one = await this.exports.findOneBy({ linkHash: hashOf(token) });
    const owner = one === null ? null : await this.accounts.findPrincipal(one.userId);
    if (one === null || owner === null || !mayLook(one, owner)) throw notFound('file');
    return this.downloads.open(one.id, owner, signal);
  }
}

function hashOf(token: string): string {
  return createHash('sha256').update(token).digest('hex');
}
