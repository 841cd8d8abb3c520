import { JobKind } from '../../platform/jobs/index.js';

export interface IngestPayload extends Record<string, unknown> {
  documentId: number;
  version: number;
}

/** Reading a document in, so that it can be found. */
export const INGEST = new JobKind<IngestPayload>('documents.ingest', {
  timeLimitSeconds: 600,
  tries: 3,
  retryDelaySeconds: 2,
});

/** A version is read once, however often it is asked for. */
export function keyOf({ documentId, version }: IngestPayload): string {
  return `${documentId}.${version}`;
}

/** Where the bytes of a version lie until it has been read. */
export function uploadOf(documentId: number, version: number): string {
  return `documents/${documentId}/v${version}`;
}
