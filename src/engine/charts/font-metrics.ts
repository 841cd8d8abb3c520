/** Measures text with the widths that the shipped font states, so that labels take the room they really need. */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const FONT_DIRECTORY = join(dirname(createRequire(import.meta.url).resolve('dejavu-fonts-ttf/package.json')), 'ttf');

/** Font files that pictures are drawn with: DejaVu Sans Condensed, regular and bold. */
export const FONT_FILES = {
  regular: join(FONT_DIRECTORY, 'DejaVuSansCondensed.ttf'),
  bold: join(FONT_DIRECTORY, 'DejaVuSansCondensed-Bold.ttf'),
};

/** Advance widths of one font, in em. */
export interface FontMetrics {
  /** Width of a text at a size of one; characters that the font lacks count as a wide one. */
  width(text: string): number;
  /** Whether the font has a picture for the character. */
  has(character: string): boolean;
}

const loaded = new Map<keyof typeof FONT_FILES, FontMetrics>();

/** The metrics of the regular or the bold font, read once. */
export function fontMetrics(weight: keyof typeof FONT_FILES): FontMetrics {
  const known = loaded.get(weight);
  if (known) return known;
  const metrics = readMetrics(readFileSync(FONT_FILES[weight]));
  loaded.set(weight, metrics);
  return metrics;
}

/** Reads `head`, `hhea`, `hmtx` and `cmap` of a TrueType file (OpenType specification 1.9, ISO/IEC 14496-22). */
function readMetrics(file: Buffer): FontMetrics {
  const table = tableOffsets(file);
  const unitsPerEm = file.readUInt16BE(table('head') + 18);
  const longMetrics = file.readUInt16BE(table('hhea') + 34);
  const hmtx = table('hmtx');
  const glyphs = characterMap(file, table('cmap'));
  const advance = (glyph: number) => file.readUInt16BE(hmtx + 4 * Math.min(glyph, longMetrics - 1)) / unitsPerEm;
  return {
    has: (character) => glyphs.has(character.codePointAt(0) ?? -1),
    width(text) {
      let width = 0;
      for (const character of text) {
        const glyph = glyphs.get(character.codePointAt(0) ?? -1);
        // Combining marks sit on the letter before them; what the font lacks is mostly ideographs and emoji.
        if (glyph !== undefined) width += advance(glyph);
        else if (!/\p{M}/u.test(character)) width += 1.05;
      }
      return width;
    },
  };
}

function tableOffsets(file: Buffer): (tag: string) => number {
  const offsets = new Map<string, number>();
  for (let index = 0; index < file.readUInt16BE(4); index += 1) {
    const entry = 12 + index * 16;
    offsets.set(file.toString('latin1', entry, entry + 4), file.readUInt32BE(entry + 8));
  }
  return (tag) => {
    const offset = offsets.get(tag);
    if (offset === undefined) throw new Error(`the font file has no table "${tag}"`);
    return offset;
  };
}

/** Code point → glyph, from the subtables of format 4 (the basic plane) and 12 (all planes). */
function characterMap(file: Buffer, cmap: number): Map<number, number> {
  const glyphs = new Map<number, number>();
  for (let index = 0; index < file.readUInt16BE(cmap + 2); index += 1) {
    const subtable = cmap + file.readUInt32BE(cmap + 4 + index * 8 + 4);
    const format = file.readUInt16BE(subtable);
    if (format === 4) readSegments(file, subtable, glyphs);
    if (format === 12) readGroups(file, subtable, glyphs);
  }
  return glyphs;
}

function readSegments(file: Buffer, subtable: number, glyphs: Map<number, number>): void {
  const doubled = file.readUInt16BE(subtable + 6);
  for (let offset = 0; offset < doubled; offset += 2) {
    const end = file.readUInt16BE(subtable + 14 + offset);
    const start = file.readUInt16BE(subtable + 16 + doubled + offset);
    const delta = file.readUInt16BE(subtable + 16 + 2 * doubled + offset);
    const rangeAt = subtable + 16 + 3 * doubled + offset;
    const range = file.readUInt16BE(rangeAt);
    for (let code = start; code <= end && code !== 0xffff; code += 1) {
      const raw = range === 0 ? code : file.readUInt16BE(rangeAt + range + 2 * (code - start));
      const glyph = range !== 0 && raw === 0 ? 0 : (raw + delta) & 0xffff;
      if (glyph !== 0) glyphs.set(code, glyph);
    }
  }
}

function readGroups(file: Buffer, subtable: number, glyphs: Map<number, number>): void {
  for (let group = 0; group < file.readUInt32BE(subtable + 12); group += 1) {
    const at = subtable + 16 + group * 12;
    const [start, end, first] = [file.readUInt32BE(at), file.readUInt32BE(at + 4), file.readUInt32BE(at + 8)];
    for (let code = start; code <= end; code += 1) glyphs.set(code, first + code - start);
  }
}
