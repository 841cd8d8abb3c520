import { createReadStream } from 'node:fs';
import { stat } from 'node:fs/promises';
import { Injectable } from '@nestjs/common';
import { AuditLog } from '../../platform/audit/index.js';
import { DomainError } from '../../platform/errors/domain-error.js';
import type { ReadingLimits } from '../../platform/http/index.js';
import type { Principal } from '../../platform/security/index.js';
import { LocalStorage } from '../../platform/storage/index.js';
import { ResultStreams } from '../queries/index.js';
import type { OfferedFormat } from './dto/export.dto.js';
import type { Export } from './entities/export.entity.js';
import { ExportSubjects } from './export-subjects.js';
import { ExportsService } from './exports.service.js';

/** What each format is, and how its files end. */
export const CONTENT_TYPES: Readonly<Record<OfferedFormat, string>> = {
  csv: 'text/csv; charset=utf-8',
  ndjson: 'application/x-ndjson; charset=utf-8',
  xlsx: 'application/vnd.openxmlformats-officedocument.spreadsheetml.sheet',
  parquet: 'application/vnd.apache.parquet',
  arrow: 'application/vnd.apache.arrow.stream',
  png: 'image/png',
  svg: 'image/svg+xml',
  html: 'text/html; charset=utf-8',
  pdf: 'application/pdf',
};

export interface Download {
  stream: ReturnType<typeof createReadStream>;
  bytes: number;
  contentType: string;
  fileName: string;
  limits: ReadingLimits;
}

/** Giving out the files of exports: to whom they were made for, while they may still see what is in them. */
@Injectable()
export class ExportDownloads {
  constructor(
    private readonly exports: ExportsService,
    private readonly subjects: ExportSubjects,
    private readonly streams: ResultStreams,
    private readonly storage: LocalStorage,
    private readonly audit: AuditLog,
  ) {}

  /**
   * @throws DomainError `not_found`, `export_not_ready`, `export_expired`, `result_outdated` when what the caller may see of the data
   *   has changed since, `rate_limited`, `overloaded`
   */
  async open(id: number, caller: Principal, signal: AbortSignal): Promise<Download> {
    return this.streams.admit(caller.userId, signal, async () => {
      const one = await this.exports.get(id, caller);
      const path = this.storage.pathOf(available(one));
      // The file holds rows as they were seen then: whoever may not see them so any more does not get them from here, either.
      await this.subjects.refuseOutdated(one, caller);
      const { size } = await stat(path).catch((cause: unknown) => {
        throw new DomainError('export_expired', 'The file of this export is not there any more. Export again.', {
          cause,
        });
      });
      await this.audit.record({ action: 'export.downloaded', objectId: id, details: { size_bytes: size } });
      return {
        stream: createReadStream(path),
        bytes: size,
        contentType: CONTENT_TYPES[one.format as OfferedFormat],
        fileName: fileNameOf(one),
        limits: this.streams.limits,
      };
    });
  }
}

/** A name for the file, without anything that a header or a file system could stumble over. */
export function fileNameOf({ queryId, chartId, dashboardId, id, format }: Export): string {
  if (dashboardId !== null) return `dashboard-${dashboardId}.${format}`;
  if (chartId !== null) return `chart-${chartId}.${format}`;
  return queryId === null ? `export-${id}.${format}` : `query-${queryId}.${format}`;
}

function available({ status, fileLocation, expiresAt, errorMessage }: Export): string {
  if (status === 'failed') {
    throw new DomainError('export_not_ready', `This export has failed: ${errorMessage ?? 'for no known reason.'}`);
  }
  if (status === 'pending' || status === 'running') {
    throw new DomainError('export_not_ready', 'The file is still being made. Ask for the export to see how far it is.');
  }
  if (status === 'expired' || fileLocation === null || (expiresAt !== null && expiresAt.getTime() <= Date.now())) {
    throw new DomainError('export_expired', 'The file of this export was kept for its time. Export again.');
  }
  return fileLocation;
}
