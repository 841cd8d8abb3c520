/** A column of a result, as the server describes it ("Protocol::ColumnDefinition41"). */
export interface WireColumn {
  name: string;
  type: number;
  characterSet: number;
  flags: number;
  /** In characters of the longest value as text. */
  length: number;
  decimals: number;
  /** What MariaDB says beyond the protocol's types ("Extended metadata"): `uuid`, `inet6` … and `json`. */
  extendedType?: string;
  extendedFormat?: string;
}

const EXTENDED_TYPE = 0;
const EXTENDED_FORMAT = 1;
/** Length of the fixed fields at the end. */
const FIXED = 12;

/**
 * Reads a column definition.
 *
 * @param extended whether extended metadata was agreed on at the sign-in
 * @throws Error when the packet is not one
 */
export function columnDefinition(packet: Buffer, extended: boolean): WireColumn {
  const reader = new FieldReader(packet);
  // Catalogue, schema, alias of the table, table.
  for (let skipped = 0; skipped < 4; skipped += 1) reader.text();
  const name = reader.text().toString('utf8');
  reader.text();
  const more = extended ? extendedMetadata(reader.text()) : {};
  const fixed = reader.text();
  if (fixed.length < FIXED - 2) throw new Error('The server sent a column definition that is too short.');
  return {
    name,
    characterSet: fixed.readUInt16LE(0),
    length: fixed.readUInt32LE(2),
    type: fixed.readUInt8(6),
    flags: fixed.readUInt16LE(7),
    decimals: fixed.readUInt8(9),
    ...more,
  };
}

function extendedMetadata(block: Buffer): Pick<WireColumn, 'extendedType' | 'extendedFormat'> {
  const reader = new FieldReader(block);
  const found: Pick<WireColumn, 'extendedType' | 'extendedFormat'> = {};
  while (!reader.atEnd) {
    const kind = reader.byte();
    const value = reader.text().toString('latin1');
    if (kind === EXTENDED_TYPE) found.extendedType = value;
    if (kind === EXTENDED_FORMAT) found.extendedFormat = value;
  }
  return found;
}

/** Reads length-encoded fields one after the other, and never past the end. */
class FieldReader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  get atEnd(): boolean {
    return this.at >= this.bytes.length;
  }

  byte(): number {
    return this.bytes.readUInt8(this.at++);
  }

  text(): Buffer {
    let length = this.byte();
    if (length === 0xfc) {
      length = this.bytes.readUInt16LE(this.at);
      this.at += 2;
    } else if (length > 0xfa) {
      throw new Error('The server sent a column definition that is too long.');
    }
    const start = this.at;
    this.at += length;
    if (this.at > this.bytes.length) throw new Error('The server sent a column definition that ends too early.');
    return this.bytes.subarray(start, this.at);
  }
}
