/** Documents that are made to do harm, or are not what they say: each ends with a reason, and leaves nothing behind. */
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { deflateSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { zipOf } from '../src/engine/connectors/duckdb/import/xlsx/zip.fixture.js';
import { type Account, type Answer, newAccount, type Problem } from './support/client.js';
import { docxOf, pdfFile, pdfOf, pdfStream } from './support/documents.js';
import { eventually } from './support/patience.js';
import { removeDataDir, startServer, type TestServer } from './support/server.mjs';

interface Document {
  id: number;
  status: string;
  format: string;
  chunks_count: number;
  error: { code: string; detail: string } | null;
}

const MEGABYTE = 1_000_000;
const MOST_MORE_MEMORY = 400 * 1024 * 1024;
const W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"';

type Content = string | Uint8Array<ArrayBuffer>;
const bytes = (buffer: Buffer): Uint8Array<ArrayBuffer> => new Uint8Array(buffer);

/** On a server of their own: its memory and its data directory are looked at. */
describe('documents that are made to do harm', () => {
  let server: TestServer;
  let ada: Account;
  let before: number;

  beforeAll(async () => {
    server = await startServer({ DOCUMENT_READING_SECONDS: '5' });
    ada = await newAccount(server.url);
    await writeFile(`/proc/${server.pid}/clear_refs`, '5');
    before = await peakMemory(server.pid);
  });

  afterAll(async () => {
    await server.stop();
    await removeDataDir(server);
  });

  const send = (name: string, content: Content): Promise<Answer<Document & Problem>> => {
    const form = new FormData();
    form.append('file', new Blob([content]), name);
    return ada.client.fetch('/api/v1/rag/documents?wait=30', { method: 'POST', body: form });
  };

  const word = (body: string): Uint8Array<ArrayBuffer> =>
    bytes(zipOf([{ name: 'word/document.xml', content: `<w:document ${W}><w:body>${body}</w:body></w:document>` }]));
  const page = (content: Buffer, more: readonly Buffer[] = [], resources = ''): Uint8Array<ArrayBuffer> =>
    pdfFile([
      Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
      Buffer.from('<< /Type /Pages /Kids [3 0 R] /Count 1 >>'),
      Buffer.from(`<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R /Resources << ${resources} >> >>`),
      content,
      ...more,
    ]);

  const refused: [what: string, name: string, make: () => Content, code: string, detail?: RegExp][] = [
    [
      'a Word document of a huge ratio',
      'a.docx',
      () => word(`<w:p>${' '.repeat(300 * MEGABYTE)}</w:p>`),
      'file_unpacks_too_large',
    ],
    [
      'a Word document of too much text',
      'a.docx',
      () => word(`<w:p><w:r><w:t>${'word '.repeat(1_100_000)}</w:t></w:r></w:p>`),
      'file_unpacks_too_large',
    ],
    [
      'entities of entities',
      'a.docx',
      () =>
        bytes(
          zipOf([
            {
              name: 'word/document.xml',
              content: '<!DOCTYPE w [<!ENTITY a "aa"><!ENTITY b "&a;&a;">]><w><t>&b;</t></w>',
            },
          ]),
        ),
      'file_malformed',
    ],
    ['a million open elements', 'a.docx', () => word('<w:tbl><w:tr><w:tc>'.repeat(400_000)), 'file_malformed'],
    ['another archive', 'a.docx', () => bytes(zipOf([{ name: 'a.txt', content: 'a' }])), 'file_format_not_supported'],
    ['an archive that is cut off', 'a.docx', () => docxOf([{ text: 'a' }]).slice(0, -30), 'file_malformed'],
    ['a stream that unpacks without end', 'a.pdf', unpacking, 'file_malformed', /too (much memory|long) to read/],
    ['forms that draw each other', 'a.pdf', laughing, 'file_malformed', /too (much memory|long) to read/],
    [
      'pages that hold themselves',
      'a.pdf',
      () =>
        pdfFile([
          Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
          Buffer.from('<< /Type /Pages /Kids [2 0 R 2 0 R] /Count 2 >>'),
        ]),
      'file_malformed',
    ],
    [
      'more pages than there are',
      'a.pdf',
      () =>
        pdfFile([
          Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'),
          Buffer.from('<< /Type /Pages /Kids [] /Count 999999999 >>'),
        ]),
      'file_empty',
    ],
    ['a locked PDF', 'a.pdf', locked, 'file_malformed', /locked with a password/],
    ['a PDF without text', 'a.pdf', () => page(pdfStream(Buffer.from('0 0 9 9 re f'))), 'file_empty', /OCR/],
    ['a PDF that is cut off', 'a.pdf', () => pdfOf([{ size: 9, text: 'a' }]).slice(0, 60), 'file_malformed'],
    ['nothing at all', 'a.txt', () => '', 'file_empty'],
    ['NUL bytes', 'a.txt', () => 'a\0b\0c', 'file_format_not_supported'],
    ['a text that calls itself PDF', 'a.pdf', () => 'text', 'file_format_mismatch'],
    ['a line without end', 'a.txt', () => 'x'.repeat(49 * MEGABYTE), 'file_unpacks_too_large'],
    ['an old Word document', 'a.doc', () => bytes(Buffer.from('d0cf11e0a1b11ae1', 'hex')), 'file_format_not_supported'],
  ];

  it.each(refused)('are refused: %s', async (_what, name, make, code, detail = /^[“TS].*\.$/) => {
    const { status, body } = await send(name, make());
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { status: 'failed', chunks_count: 0, error: { code } },
    });
    expect(body.error?.detail).toMatch(detail);
    await nothingIsLeft();
  });

  const read: [what: string, name: string, make: () => Content][] = [
    ['tens of thousands of nested elements', 'a.html', () => `${'<div><ul><li>'.repeat(8_000)}text`],
    ['a table of very many cells', 'b.html', () => `<table><tr>${'<td>x'.repeat(150_000)}</table>`],
    ['comments that never come to an end', 'c.html', () => `${'<!---->'.repeat(140)}<p>text`],
    ['brackets in brackets', 'd.md', () => '['.repeat(200_000)],
    ['emphasis in emphasis', 'e.md', () => '*a _b '.repeat(100_000)],
    ['a long row of spaces', 'f.md', () => `# a${' '.repeat(400_000)}b\n\n\`\`\`\n${' '.repeat(400_000)}x\n\`\`\``],
    ['what is no UTF-8', 'g.txt', () => bytes(Buffer.from('caf\xe9 \xff\xfe', 'latin1'))],
    ['half characters', 'h.txt', () => bytes(Buffer.from('\ufeffa \ud800 b', 'utf16le'))],
    ['one word without end', 'i.txt', () => 'x'.repeat(1 * MEGABYTE)],
    ['a PDF that calls itself text', 'j.txt', () => pdfOf([{ size: 9, text: 'text' }])],
  ];

  it.each(read)('but can be read are read in time: %s', async (_what, name, make) => {
    const { status, body } = await send(name, make());
    expect({ status, body }).toMatchObject({ status: 201, body: { status: 'ready', error: null } });
    await nothingIsLeft();
  });

  it('are refused before they are read when they are too large', async () => {
    const { status, body } = await send('a.txt', 'x'.repeat(60 * MEGABYTE));
    expect({ status, code: body.code }).toEqual({ status: 413, code: 'payload_too_large' });
    await nothingIsLeft();
  });

  it('leave nothing of the document that they were to replace', async () => {
    const { body: good } = await ada.client.post<Document>('/rag/documents', { content: 'The quagga is extinct.' });
    const form = new FormData();
    form.append('file', new Blob(['words']), 'a.pdf');
    const { body } = await ada.client.fetch<Document>(`/api/v1/rag/documents/${good.id}?wait=30`, {
      method: 'PUT',
      body: form,
    });
    expect(body).toMatchObject({ status: 'failed', chunks_count: 0 });
    expect((await ada.client.get(`/rag/documents/${good.id}/content`)).body).toMatchObject({ text: '', length: 0 });
    expect((await ada.client.post('/rag/search', { query: 'quagga' })).body).toMatchObject({ items: [] });
  });

  it('leave the server as it was', async () => {
    const { body } = await ada.client.post<Document>('/rag/documents', { content: 'A tapir sleeps by day.' });
    expect(body.status).toBe('ready');
    expect((await ada.client.post('/rag/search', { query: 'tapir' })).body).toMatchObject({
      items: [{ document_id: body.id }],
    });
    expect(server.output()).not.toMatch(/"level":(50|60)/);
    expect((await peakMemory(server.pid)) - before).toBeLessThan(MOST_MORE_MEMORY);
  });

  /** What was sent is removed just after its document is done. */
  async function nothingIsLeft(): Promise<void> {
    await eventually(leftBehind, (files) => files.length === 0);
  }

  async function leftBehind(): Promise<string[]> {
    const files = async (directory: string): Promise<string[]> => {
      const entries = await readdir(join(server.dataDir, directory), { recursive: true, withFileTypes: true });
      return entries.filter((entry) => entry.isFile()).map(({ name }) => name);
    };
    return [...(await files('tmp')), ...(await files('documents'))];
  }

  /** A few kilobytes that become a gigabyte of spaces. */
  function unpacking(): Uint8Array<ArrayBuffer> {
    const runs = Buffer.alloc(16 * MEGABYTE, Buffer.from([0x81, 0x20]));
    return page(pdfStream(deflateSync(runs), '/Filter [/FlateDecode /RunLengthDecode]'));
  }

  /** Ten to the ninth texts, drawn by forms that draw forms. */
  function laughing(): Uint8Array<ArrayBuffer> {
    const levels = 9;
    const forms = Array.from({ length: levels }, (_, level) => {
      const entries = `/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /XObject << /X ${level + 6} 0 R >> >>`;
      return pdfStream(Buffer.from('/X Do '.repeat(10)), entries);
    });
    const last = pdfStream(
      Buffer.from('BT /F 9 Tf (laughing) Tj ET'),
      '/Type /XObject /Subtype /Form /BBox [0 0 9 9] /Resources << /Font << /F << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >>',
    );
    return page(pdfStream(Buffer.from('/X Do')), [...forms, last], '/XObject << /X 5 0 R >>');
  }

  /** For a password that nobody knows. */
  function locked(): Uint8Array<ArrayBuffer> {
    const secret = `<${'5a'.repeat(32)}>`;
    return pdfFile(
      [Buffer.from('<< /Type /Catalog /Pages 2 0 R >>'), Buffer.from('<< /Type /Pages /Kids [] /Count 0 >>')],
      `/ID [<00> <00>] /Encrypt << /Filter /Standard /V 1 /R 2 /O ${secret} /U ${secret} /P -1 >>`,
    );
  }
});

/** The most memory that a process has had at once since that was last reset, in bytes. */
async function peakMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8');
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1]) * 1024;
}
