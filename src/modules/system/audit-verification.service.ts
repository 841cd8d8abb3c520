import { createHash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { DataSource } from 'typeorm';

/** What is wrong at a place of the chain: a row is not as it was written, some are missing, or one is there that was never written. */
export const AUDIT_PROBLEMS = ['changed', 'removed', 'inserted', 'unlinked', 'rewritten'] as const;
export type AuditProblemKind = (typeof AUDIT_PROBLEMS)[number];

export interface AuditProblem {
  /** The id of the row, or of the first missing one. */
  position: number;
  kind: AuditProblemKind;
  detail: string;
}

/** An end of the chain, as somebody may have noted it outside the database. */
export interface ChainEnd {
  position: number;
  hash: string;
}

/** @param text `position:hash`, as people note an end */
export function parseChainEnd(text: string): ChainEnd {
  const [position, hash = ''] = text.split(':');
  return { position: Number(position), hash };
}

export interface AuditVerdict {
  ok: boolean;
  /** Rows that were read. */
  rows: number;
  /** Where the chain ended when the verification began; its last row, when the note of its end is missing. */
  end: ChainEnd;
  /** In the order of the chain; no more than `MOST_PROBLEMS`. */
  problems: AuditProblem[];
}

const MOST_PROBLEMS = 100;
const ROWS_AT_ONCE = 5000;
const NOTHING_BEFORE = '0'.repeat(64);

interface EndRow {
  length: number;
  hash: string | null;
  is_missing: boolean;
  beyond: number[];
}

interface ChainRow {
  id: number;
  previous_hash: string;
  hash: string;
  content: string;
}

/**
 * Follows the hash chain of the audit trail from its first row to its last. Whoever can write to the database could still
 * forge the whole chain from some row on; that shows when the end is compared with one that was noted elsewhere before.
 */
@Injectable()
export class AuditVerification {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /**
   * Reads every row, some at a time and without a lock: rows that are written meanwhile are not looked at.
   *
   * @param noted an end that an earlier verification gave; its row must still be there as it was
   */
  async verify(noted?: ChainEnd): Promise<AuditVerdict> {
    const { position, hash, beyond, isMissing } = await this.end();
    const problems: AuditProblem[] = [];
    let last = { id: 0, hash: NOTHING_BEFORE };
    let rows = 0;
    while (problems.length < MOST_PROBLEMS) {
      const some = await this.rowsAfter(last.id, position);
      for (const row of some) {
        problems.push(...problemsOf(row, last));
        if (row.id === noted?.position && row.hash !== noted.hash) problems.push(rewritten(noted));
        last = row;
      }
      rows += some.length;
      if (some.length < ROWS_AT_ONCE) break;
    }
    problems.push(...problemsOfEnd(last, { position, hash }));
    for (const id of beyond)
      problems.push({ position: id, kind: 'inserted', detail: 'This row is outside the chain.' });
    if (isMissing) {
      problems.push({ position: position + 1, kind: 'removed', detail: 'The end of the chain is missing.' });
    }
    if (noted !== undefined && noted.position > position) problems.push(rewritten(noted));
    return { ok: problems.length === 0, rows, end: { position, hash }, problems: problems.slice(0, MOST_PROBLEMS) };
  }

  /** In one statement, so that no row is written between looking at the end and looking beyond it. */
  private async end(): Promise<ChainEnd & { beyond: number[]; isMissing: boolean }> {
    const [row]: EndRow[] = await this.dataSource.query(END, [MOST_PROBLEMS]);
    if (row === undefined) throw new Error('The end of the audit trail was not read.');
    const { length, hash, beyond, is_missing: isMissing } = row;
    return { position: length, hash: hash ?? NOTHING_BEFORE, beyond, isMissing };
  }

  private rowsAfter(id: number, lastId: number): Promise<ChainRow[]> {
    return this.dataSource.query(ROWS, [id, lastId, ROWS_AT_ONCE]);
  }
}

function problemsOf(row: ChainRow, last: { id: number; hash: string }): AuditProblem[] {
  const problems: AuditProblem[] = [];
  if (row.id !== last.id + 1) problems.push(missing(last.id + 1, row.id - 1));
  else if (row.previous_hash !== last.hash) {
    problems.push({ position: row.id, kind: 'unlinked', detail: 'This row does not follow the one before it.' });
  }
  const hash = createHash('sha256')
    .update(row.previous_hash + row.content)
    .digest('hex');
  if (hash !== row.hash)
    problems.push({ position: row.id, kind: 'changed', detail: 'This row is not as it was written.' });
  return problems;
}

function problemsOfEnd(last: { id: number; hash: string }, end: ChainEnd): AuditProblem[] {
  if (last.id < end.position) return [missing(last.id + 1, end.position)];
  if (last.hash === end.hash) return [];
  return [{ position: last.id, kind: 'unlinked', detail: 'The chain should end with another row than this.' }];
}

function missing(first: number, last: number): AuditProblem {
  const detail = first === last ? 'This row has been removed.' : `Rows ${first} to ${last} have been removed.`;
  return { position: first, kind: 'removed', detail };
}

function rewritten({ position }: ChainEnd): AuditProblem {
  return { position, kind: 'rewritten', detail: 'This row is not the one that was noted.' };
}

const END = `
  WITH seen AS (
    SELECT coalesce(chain.length, last.id, 0) AS length, coalesce(chain.hash, last.hash) AS hash, chain.id IS NULL AS is_missing
    FROM (SELECT 1) always
         LEFT JOIN audit_chain chain ON true
         LEFT JOIN (SELECT id, hash FROM audit_trails WHERE id > 0 ORDER BY id DESC LIMIT 1) last ON true
  )
  SELECT length, hash, is_missing,
         ARRAY(SELECT id FROM audit_trails WHERE id > length OR id < 1 ORDER BY id LIMIT $1) AS beyond
  FROM seen`;

const ROWS = `
  SELECT entry.id, entry.previous_hash, entry.hash, audit_row_content(entry) AS content
  FROM audit_trails entry
  WHERE entry.id > $1 AND entry.id <= $2
  ORDER BY entry.id
  LIMIT $3`;
