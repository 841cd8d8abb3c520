import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '../../platform/errors/domain-error.js';
import { checkedRequest } from '../../platform/http/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { UploadReceiver } from '../data-sources/index.js';
import { DocumentFieldsDto, NewDocumentDto } from './dto/document.dto.js';
import { READING_LIMITS } from './reading-limits.js';

/** What was sent, as it lies on disk. */
export interface ReceivedDocument {
  path: string;
  /** Null when it was sent as text. */
  fileName: string | null;
  fields: DocumentFieldsDto;
  sizeBytes: number;
  /** SHA-256, hexadecimal. */
  contentHash: string;
}

/** Takes documents from the wire: a file in a form, or text in JSON. */
@Injectable()
export class DocumentReceiver {
  constructor(
    private readonly uploads: UploadReceiver,
    private readonly storage: LocalStorage,
  ) {}

  /**
   * Receives a document and has it used; whatever of it was not moved away is removed then.
   *
   * @throws DomainError `validation_failed`, `malformed_request`, `payload_too_large`, `upload_incomplete`
   */
  async receive<T>(request: FastifyRequest, use: (document: ReceivedDocument) => Promise<T>): Promise<T> {
    const workspace = await this.storage.createWorkspace();
    try {
      const received = await (request.isMultipart()
        ? this.receiveFile(request, workspace)
        : receiveText(request, join(workspace, 'text')));
      const { size } = await stat(received.path);
      return await use({ ...received, sizeBytes: size, contentHash: await hashOf(received.path) });
    } finally {
      await rm(workspace, { recursive: true, force: true });
    }
  }

  private async receiveFile(
    request: FastifyRequest,
    workspace: string,
  ): Promise<Pick<ReceivedDocument, 'path' | 'fileName' | 'fields'>> {
    const { files, fields } = await this.uploads.receive(request, workspace, READING_LIMITS.bytes);
    const [file, ...more] = files;
    if (file === undefined || more.length > 0) {
      throw new DomainError('validation_failed', 'Send one file at a time.', {
        errors: [{ field: 'file', message: 'must be one file' }],
      });
    }
    const given = await checkedRequest(DocumentFieldsDto, Object.fromEntries(fields));
    return { path: file.path, fileName: file.fileName.slice(0, 500), fields: given };
  }
}

async function receiveText(
  { body }: FastifyRequest,
  path: string,
): Promise<Pick<ReceivedDocument, 'path' | 'fileName' | 'fields'>> {
  const { content, ...fields } = await checkedRequest(NewDocumentDto, body as object);
  await writeFile(path, content, { mode: 0o600 });
  return { path, fileName: null, fields };
}

async function hashOf(path: string): Promise<string> {
  const hash = createHash('sha256');
  await pipeline(createReadStream(path), hash);
  return hash.digest('hex');
}
