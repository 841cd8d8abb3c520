import { createWriteStream } from 'node:fs';
import { join } from 'node:path';
import type { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { MultipartFile } from '@fastify/multipart';
import { Injectable } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { HttpConfig } from '../../platform/config/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import { refuseUnstorable } from '../../platform/http/index.js';

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

/** What a disk says that has no room for the upload: it is full, or its owner's share of it is. */
const NO_ROOM = new Set(['ENOSPC', 'EDQUOT']);

/** What the wire says when the client went away in the middle. */
const WENT_AWAY = new Set(['ECONNRESET', 'EPIPE', 'ERR_STREAM_PREMATURE_CLOSE', 'FST_MP_PREMATURE_CLOSE']);

/** Takes a multipart upload from the wire to disk, file by file, never whole in memory. */
@Injectable()
export class UploadReceiver {
  constructor(private readonly config: HttpConfig) {}

  /**
   * @param workspace an empty folder; what was written stays for the caller to remove, on failure too
   * @param mostBytes of all parts together; what an upload of data may have when left out
   * @throws DomainError `malformed_request` when it is no multipart upload or has no file, `payload_too_large`,
   *   `upload_incomplete` when the client went away, `validation_failed` on a file name that is no text, `overloaded`
   *   when the disk is full
   */
  async receive(
    request: FastifyRequest,
    workspace: string,
    mostBytes: number = this.config.maxUploadBytes,
  ): Promise<ReceivedUpload> {
    const tooLarge = (): DomainError => this.tooLarge(mostBytes);
    if (Number(request.headers['content-length'] ?? 0) > mostBytes) throw tooLarge();
    if (!request.isMultipart()) {
      throw new DomainError('malformed_request', 'Send the files as multipart/form-data, each in a part named "file".');
    }
    const upload: ReceivedUpload = { files: [], fields: new Map() };
    // Of all parts together: a client that does not announce its size could otherwise send the limit once per file.
    let received = 0;
    const count = (bytes: number): void => {
      received += bytes;
      if (received > mostBytes) throw tooLarge();
    };
    try {
      for await (const part of request.parts()) {
        if (part.type === 'field') {
          const value = String(part.value);
          count(Buffer.byteLength(value));
          upload.fields.set(part.fieldname, value);
        } else upload.files.push(await this.store(part, join(workspace, `upload-${upload.files.length}`), count));
      }
    } catch (error) {
      if (NO_ROOM.has(codeOf(error))) request.log.error({ err: error }, 'there is no room for an upload');
      throw this.explain(error);
    }
    if (upload.files.length === 0) {
      throw new DomainError('malformed_request', 'There is no file in the upload. Send it in a part named "file".');
    }
    return upload;
  }

  private async store(part: MultipartFile, path: string, count: (bytes: number) => void): Promise<ReceivedFile> {
    if (part.fieldname !== 'file') {
      throw new DomainError('validation_failed', 'Send every file in a part named "file".', {
        errors: [{ field: part.fieldname, message: 'is not a file part of this request; use "file"' }],
      });
    }
    refuseUnstorable(part.filename, 'file');
    const counted = async function* (source: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
      for await (const bytes of source) {
        count(bytes.length);
        yield bytes;
      }
    };
    const target = createWriteStream(path, { mode: 0o600, highWaterMark: WRITE_BUFFER_BYTES });
    await pipeline(part.file as Readable, counted, target);
    if (part.file.truncated) throw this.tooLarge(this.config.maxUploadBytes);
    return { path, fileName: part.filename };
  }

  private explain(error: unknown): unknown {
    if (error instanceof DomainError) return error;
    const code = codeOf(error);
    if (code === 'FST_REQ_FILE_TOO_LARGE') return this.tooLarge(this.config.maxUploadBytes);
    if (/^FST_(FILES|PARTS|FIELDS)_LIMIT$/.test(code)) {
      return new DomainError(
        'payload_too_large',
        `At most ${this.config.maxUploadFiles} files may be uploaded at once. Send fewer at a time.`,
      );
    }
    if (NO_ROOM.has(code)) {
      return new DomainError(
        'overloaded',
        'There is no room left for uploads on this server. Ask your administrator to make some, then send it again.',
        { cause: error },
      );
    }
    const message = error instanceof Error ? error.message : '';
    if (WENT_AWAY.has(code) || /unexpected end of multipart data/i.test(message)) {
      return new DomainError('upload_incomplete', 'The upload ended before it was complete. Send it again.', {
        cause: error,
      });
    }
    // What the parser says of a boundary that is missing or longer than it takes.
    if (/^Multipart: |^The needle cannot/.test(message)) {
      return new DomainError('malformed_request', 'The upload is not well-formed multipart/form-data. Send it again.', {
        cause: error,
      });
    }
    return error;
  }

  private tooLarge(mostBytes: number): DomainError {
    const megabytes = Math.round(mostBytes / (1024 * 1024));
    const advice =
      mostBytes === this.config.maxUploadBytes
        ? 'Split the file, or ask your administrator to raise LUMIERE_MAX_UPLOAD_MB.'
        : 'Split it into smaller ones.';
    return new DomainError(
      'payload_too_large',
      `Uploads of more than ${megabytes} MB are not accepted here. ${advice}`,
    );
  }
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
