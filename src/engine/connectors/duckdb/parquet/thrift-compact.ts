/**
 * Thrift's compact protocol, as far as the footer of a Parquet file needs it: what is read is written again byte for byte,
 * whatever it means. Source: thrift/doc/specs/thrift-compact-protocol.md of Apache Thrift.
 */

/** Numbers of the protocol; TRUE and FALSE are a field's type and its value at once. */
const TRUE = 1;
const FALSE = 2;
const BYTE = 3;
const I16 = 4;
const I32 = 5;
const I64 = 6;
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

const DOUBLE_BYTES = 8;
/** What four bits cannot say is said by the number that follows. */
const LONG_LIST = 15;

export interface ThriftField {
  id: number;
  type: number;
  value: ThriftValue;
}

export type ThriftStruct = ThriftField[];

export interface ThriftList {
  itemType: number;
  items: ThriftValue[];
}

/** Integers of every width are bigints; doubles and texts are the bytes that they are written as. */
export type ThriftValue = bigint | boolean | Buffer | ThriftList | ThriftStruct;

/** @throws RangeError when it ends early; Error on a type that is none of the above */
export function readThrift(bytes: Buffer): ThriftStruct {
  return new Reader(bytes).struct();
}

/** The bytes of a struct, to be joined. */
export function writeThrift(struct: ThriftStruct): Buffer {
  const parts: Buffer[] = [];
  writeStruct(struct, parts);
  return Buffer.concat(parts);
}

class Reader {
  private at = 0;

  constructor(private readonly bytes: Buffer) {}

  struct(): ThriftStruct {
    const fields: ThriftStruct = [];
    let id = 0;
    for (;;) {
      const head = this.byte();
      if (head === 0) return fields;
      const step = head >> 4;
      id = step === 0 ? Number(this.integer()) : id + step;
      const type = head & 15;
      const value = type === TRUE || type === FALSE ? type === TRUE : this.value(type);
      fields.push({ id, type, value });
    }
  }

  private value(type: number): ThriftValue {
    switch (type) {
      case TRUE:
      case FALSE:
      case BYTE:
        return BigInt(this.byte());
      case I16:
      case I32:
      case I64:
        return this.integer();
      case DOUBLE:
        return this.take(DOUBLE_BYTES);
      case BINARY:
        return this.take(Number(this.varint()));
      case LIST:
        return this.list();
      case STRUCT:
        return this.struct();
      default:
        throw new Error(`The footer of a Parquet file holds a value of the unknown type ${type}.`);
    }
  }

  private list(): ThriftList {
    const head = this.byte();
    const size = head >> 4 === LONG_LIST ? Number(this.varint()) : head >> 4;
    const itemType = head & 15;
    return { itemType, items: Array.from({ length: size }, () => this.value(itemType)) };
  }

  /** Small numbers of either sign are few bytes ("zigzag"). */
  private integer(): bigint {
    const value = this.varint();
    return value & 1n ? -(value >> 1n) - 1n : value >> 1n;
  }

  private varint(): bigint {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = this.byte();
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  }

  private byte(): number {
    const byte = this.bytes.readUInt8(this.at);
    this.at += 1;
    return byte;
  }

  private take(length: number): Buffer {
    this.at += length;
    return this.bytes.subarray(this.at - length, this.at);
  }
}

function writeStruct(struct: ThriftStruct, parts: Buffer[]): void {
  let last = 0;
  for (const { id, type, value } of struct) {
    const step = id - last;
    last = id;
    if (step > 0 && step <= 15) parts.push(Buffer.of((step << 4) | type));
    else parts.push(Buffer.of(type), integer(BigInt(id)));
    if (typeof value !== 'boolean') writeValue(type, value, parts);
  }
  parts.push(Buffer.of(0));
}

function writeValue(type: number, value: ThriftValue, parts: Buffer[]): void {
  if (typeof value === 'bigint') {
    parts.push(type <= BYTE ? Buffer.of(Number(value)) : integer(value));
  } else if (Buffer.isBuffer(value)) {
    if (type === BINARY) parts.push(varint(BigInt(value.length)));
    parts.push(value);
  } else if (Array.isArray(value)) {
    writeStruct(value, parts);
  } else if (typeof value === 'object') {
    const { itemType, items } = value;
    if (items.length < LONG_LIST) parts.push(Buffer.of((items.length << 4) | itemType));
    else parts.push(Buffer.of((LONG_LIST << 4) | itemType), varint(BigInt(items.length)));
    for (const item of items) writeValue(itemType, item, parts);
  }
}

function integer(value: bigint): Buffer {
  return varint(value < 0n ? -value * 2n - 1n : value * 2n);
}

function varint(value: bigint): Buffer {
  const bytes: number[] = [];
  let rest = value;
  for (; rest > 127n; rest >>= 7n) bytes.push(Number(rest & 127n) | 128);
  bytes.push(Number(rest));
  return Buffer.from(bytes);
}
