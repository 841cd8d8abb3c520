import sax, { type SAXParser } from 'sax';
import { EngineError } from '../../../../errors.js';
import type { ArchiveKind } from './zip-archive.js';

/** What is told of an XML document; names come without their namespace's prefix. */
export interface XmlEvents {
  open?: (name: string, attribute: (name: string) => string | undefined) => void;
  /** May come in several pieces. */
  text?: (text: string) => void;
  close?: (name: string) => void;
}

/**
 * Reads XML in pieces, and lets its caller go on between them. A document type is refused: it is the only way to entities
 * of one's own, which a bomb is made of.
 *
 * @throws EngineError `file_malformed`
 */
export async function* readXml(
  pieces: AsyncIterable<string>,
  fileName: string,
  events: XmlEvents,
  kind: ArchiveKind = 'workbook',
): AsyncGenerator<void> {
  const parser = sax.parser(true, { position: false });
  let failure: EngineError | null = null;
  const fail = (reason: string, problem: string, cause?: unknown): void => {
    failure ??= new EngineError('file_malformed', `“${fileName}” cannot be read as a ${kind}: ${reason}.`, {
      cause,
      details: { problem },
    });
  };
  const onText = (text: string): void => {
    // XML has one kind of line end, whatever is in the file.
    if (failure === null) events.text?.(text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text);
  };
  const handlers: Partial<SAXParser> = {
    onerror: (error) => fail('a part of it is not well-formed XML', 'xml', error),
    ondoctype: () => fail(`it declares a document type, which no ${kind} does`, 'document_type'),
    onopentag: ({ name, attributes }) => {
      if (failure === null) events.open?.(localName(name), (wanted) => attributeOf(attributes, wanted));
    },
    ontext: onText,
    oncdata: onText,
    onclosetag: (name) => {
      if (failure === null) events.close?.(localName(name));
    },
  };
  Object.assign(parser, handlers);
  for await (const piece of pieces) {
    if (piece === '') continue;
    parser.write(piece);
    if (failure !== null) throw failure;
    yield;
  }
  parser.close();
  if (failure !== null) throw failure;
  yield;
}

/** Reads XML to its end. */
export async function drainXml(
  pieces: AsyncIterable<string>,
  fileName: string,
  events: XmlEvents,
  kind?: ArchiveKind,
): Promise<void> {
  for await (const _ of readXml(pieces, fileName, events, kind)) continue;
}

function localName(name: string): string {
  return name.slice(name.indexOf(':') + 1);
}

function attributeOf(attributes: Record<string, unknown>, wanted: string): string | undefined {
  const direct = attributes[wanted];
  if (typeof direct === 'string') return direct;
  for (const [name, value] of Object.entries(attributes)) {
    if (localName(name) === wanted && typeof value === 'string') return value;
  }
  return undefined;
}
