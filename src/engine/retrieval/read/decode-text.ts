import { EngineError } from '../../errors.js';

/**
 * The text of a file: as its byte order mark says, as UTF-8 when it is that, or else as it says itself, or as Windows does.
 *
 * @throws EngineError `file_format_not_supported` when it is no text
 */
export function decodeText(bytes: Uint8Array, fileName: string, declared?: string): string {
  const marked = byteOrderMark(bytes);
  if (marked !== null) return new TextDecoder(marked).decode(bytes);
  if (bytes.subarray(0, 4096).includes(0)) {
    throw new EngineError(
      'file_format_not_supported',
      `“${fileName}” is no text. Documents may be plain text, Markdown, HTML, PDF or DOCX.`,
    );
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return decodeAs(declared, bytes);
  }
}

function byteOrderMark([first, second, third]: Uint8Array): string | null {
  if (first === 0xef && second === 0xbb && third === 0xbf) return 'utf-8';
  if (first === 0xff && second === 0xfe) return 'utf-16le';
  if (first === 0xfe && second === 0xff) return 'utf-16be';
  return null;
}

function decodeAs(label: string | undefined, bytes: Uint8Array): string {
  try {
    return new TextDecoder(label ?? 'windows-1252').decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
