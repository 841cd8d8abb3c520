import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HttpConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';

export interface ReceivedFile {
  /** Where it lies in the workspace, under a name of ours. */
  path: string;
  /** What its owner calls it. */
  fileName: string;
}

export interface ReceivedUpload {
  files: ReceivedFile[];
  /** The text fields of the form. */
  fields: Map<string, string>;
}

/** Room for many of the wire's small chunks, so that the disk is written in large pieces. */
const WRITE_BUFFER_BYTES = 4 * 1024 * 1024;

/** Takes a multipart upload from the wire to disk, file by file, never whole in memory. */
@Injectable()
export class UploadReceiver {
  constructor(private readonly config: HttpConfig) {}

  /**
   * @param workspace an empty folder; what was written stays for the caller to remove, on failure too
   * @throws DomainError `malformed_request` when it is no multipart upload or has no file, `payload_too_large`,
   *   `upload_incomplete` when the client went away
   */
  async receive(request: FastifyRequest, workspace: string): Promise<ReceivedUpload> {
    this.checkAnnouncedSize(request);
    if (!request.isMultipart()) {
      throw new DomainError('malformed_request', 'Send the files as multipart/form-data, each in a part named "file".');
    }
    const upload: ReceivedUpload = { files: [], fields: new Map() };
    try {
      for await (const part of request.parts()) {
        if (part.type === 'field') upload.fields.set(part.fieldname, String(part.value));
        else upload.files.push(await this.store(part, workspace, upload.files.length));
      }
    } catch (error) {
      throw this.explain(error);
    }
    if (upload.files.length === 0) {
      throw new DomainError('malformed_request', 'There is no file in the upload. Send it in a part named "file".');
    }
    return upload;
  }

  private checkAnnouncedSize(request: FastifyRequest): void {
    if (Number(request.headers['content-length'] ?? 0) > this.config.maxUploadBytes) throw this.tooLarge();
  }

  private async store(part: MultipartFile, workspace: string, index: number): Promise<ReceivedFile> {
    if (part.fieldname !== 'file') {
      throw new DomainError('validation_failed', 'Send every file in a part named "file".', {
        errors: [{ field: part.fieldname, message: 'is not a file part of this request; use "file"' }],
      });
    }
    const path = join(workspace, `upload-${index}`);
    await pipeline(part.file as Readable, createWriteStream(path, { mode: 0o600, highWaterMark: WRITE_BUFFER_BYTES }));
    if (part.file.truncated) throw this.tooLarge();
    return { path, fileName: part.filename };
  }

  private explain(error: unknown): unknown {
    if (error instanceof DomainError) return error;
    const code = error instanceof Error && 'code' in error ? error.code : undefined;
    if (code === 'FST_REQ_FILE_TOO_LARGE') return this.tooLarge();
    if (typeof code === 'string' && /^FST_(FILES|PARTS|FIELDS)_LIMIT$/.test(code)) {
      return new DomainError(
        'payload_too_large',
        `At most ${this.config.maxUploadFiles} files may be uploaded at once. Send fewer at a time.`,
      );
    }
    return new DomainError('upload_incomplete', 'The upload ended before it was complete. Send it again.', {
      cause: error,
    });
  }

  private tooLarge(): DomainError {
    const megabytes = Math.round(this.config.maxUploadBytes / (1024 * 1024));
    return new DomainError(
      'payload_too_large',
      `Uploads of more than ${megabytes} MB are not accepted here. Split the file, or ask your administrator to raise LUMIERE_MAX_UPLOAD_MB.`,
    );
  }
}
