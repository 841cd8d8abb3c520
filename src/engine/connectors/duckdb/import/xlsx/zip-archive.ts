/** A ZIP archive from a stranger: everything that its directory says is checked before anything is unpacked. */
import { stat } from 'node:fs/promises';
import { type Entry, openPromise, type ZipFile } from 'yauzl';
import { EngineError } from '../../../../errors.js';
import { messageOf } from '../../query-errors.js';
import { refuseBomb } from '../unpacked-size.js';

/** A workbook has a few per sheet. */
const MOST_ENTRIES = 10_000;
const FILE_KIND = 0o170000;
const SYMBOLIC_LINK = 0o120000;
const STORED = 0;
const DEFLATED = 8;
const LOCAL_HEADER_BYTES = 30;

export interface ArchiveRequest {
  file: string;
  fileName: string;
  maxUnpackedBytes: number;
  /** What it should be; a workbook when left out. */
  kind?: ArchiveKind;
}

export type ArchiveKind = 'workbook' | 'document';
/** What is said about an archive: the name of the file, and what it should be. */
type Named = Pick<ArchiveRequest, 'fileName' | 'kind'>;

const PROGRAMS: Record<ArchiveKind, string> = { workbook: 'a spreadsheet program', document: 'a word processor' };

/** Entries that can be read, by name; nothing is ever written under a name of the archive's. */
export class ZipArchive {
  private constructor(
    private readonly zip: ZipFile,
    private readonly entries: ReadonlyMap<string, Entry>,
    private readonly named: Named,
    /** Size of the archive. */
    readonly bytes: number,
  ) {}

  /**
   * @throws EngineError `file_malformed` when it is damaged, encrypted, or made to mislead (names twice, overlapping
   *   entries, links, paths that lead out), `file_unpacks_too_large`
   */
  static async open({ file, maxUnpackedBytes, ...named }: ArchiveRequest): Promise<ZipArchive> {
    let zip: ZipFile | undefined;
    try {
      zip = await openPromise(file, { lazyEntries: true, autoClose: false, validateEntrySizes: true });
      if (zip.entryCount > MOST_ENTRIES) throw unsafe(named, `it holds more than ${MOST_ENTRIES} files`, 'entries');
      const found: Entry[] = [];
      for await (const entry of zip.eachEntry()) found.push(entry);
      refuseUnsafe(found, named);
      const unpacked = found.reduce((sum, entry) => sum + entry.uncompressedSize, 0);
      const { size } = await stat(file);
      refuseBomb({ fileName: named.fileName, packed: size, unpacked, maxUnpackedBytes });
      return new ZipArchive(zip, new Map(found.map((entry) => [keyOf(entry.fileName), entry])), named, size);
    } catch (error) {
      zip?.close();
      throw damaged(error, named);
    }
  }

  has(name: string): boolean {
    return this.entries.has(keyOf(name));
  }

  /**
   * The text of an entry, in pieces. An entry that turns out larger than the directory says is given up there.
   *
   * @throws EngineError `file_malformed` when it is not there, damaged, or not UTF-8
   */
  async *text(name: string, signal: AbortSignal): AsyncGenerator<string> {
    const entry = this.entries.get(keyOf(name));
    if (entry === undefined) throw unsafe(this.named, 'a part of it is missing', 'missing_part');
    try {
      const decoder = new TextDecoder('utf-8', { fatal: true });
      const stream = await this.zip.openReadStreamPromise(entry);
      try {
        for await (const bytes of stream) {
          signal.throwIfAborted();
          yield decoder.decode(bytes as Buffer, { stream: true });
        }
        yield decoder.decode();
      } finally {
        stream.destroy();
      }
    } catch (error) {
      throw signal.aborted ? error : damaged(error, this.named);
    }
  }

  close(): void {
    this.zip.close();
  }
}

/** Office looks for the parts of a document without regard to case. */
function keyOf(name: string): string {
  return name.replace(/^\//, '').toLowerCase();
}

function refuseUnsafe(entries: readonly Entry[], named: Named): void {
  const names = new Set<string>();
  for (const entry of entries) {
    const key = keyOf(entry.fileName);
    if (names.has(key)) throw unsafe(named, 'it holds two files of one name', 'duplicate_names');
    names.add(key);
    if (entry.isEncrypted()) throw unsafe(named, 'it is encrypted', 'encrypted');
    if (((entry.externalFileAttributes >>> 16) & FILE_KIND) === SYMBOLIC_LINK) {
      throw unsafe(named, 'it holds a link to another file', 'link');
    }
    if (entry.compressionMethod !== STORED && entry.compressionMethod !== DEFLATED) {
      throw unsafe(named, 'it is compressed in an unusual way', 'compression');
    }
  }
  const inPlace = entries.toSorted((a, b) => a.relativeOffsetOfLocalHeader - b.relativeOffsetOfLocalHeader);
  let end = 0;
  for (const { relativeOffsetOfLocalHeader: start, compressedSize } of inPlace) {
    if (start < end) throw unsafe(named, 'its files lie over each other', 'overlap');
    end = start + LOCAL_HEADER_BYTES + compressedSize;
  }
}

function damaged(error: unknown, named: Named): unknown {
  if (error instanceof EngineError || isSystemError(error)) return error;
  const message = messageOf(error);
  if (/relative path|absolute path|invalid characters in fileName/.test(message)) {
    return unsafe(named, 'it holds a file whose name leads out of it', 'path', error);
  }
  if (/too many bytes in the stream/.test(message)) {
    return unsafe(named, 'a file in it is larger than its directory says', 'size', error);
  }
  return unsafe(named, 'it is damaged or cut off', 'damaged', error);
}

function unsafe({ fileName, kind = 'workbook' }: Named, reason: string, problem: string, cause?: unknown): EngineError {
  return new EngineError(
    'file_malformed',
    `“${fileName}” cannot be read as a ${kind}: ${reason}. Save it anew with ${PROGRAMS[kind]}, without a password.`,
    { details: { problem }, ...(cause === undefined ? {} : { cause }) },
  );
}

function isSystemError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error;
}
