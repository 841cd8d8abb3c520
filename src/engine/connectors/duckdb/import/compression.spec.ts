import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Importing } from './importing.fixture.js';

/** `a,b\n1,2\n3,4\n`, by the reference program, with a checksum. */
const ZSTD = Buffer.from('28b52ffd0458610000612c620a312c320a332c340ae1b3cb2e', 'hex');
/** A frame that every reader passes over. */
const SKIPPED = Buffer.from('502a4d1803000000616263', 'hex');

describe('importing what is compressed', () => {
  let importing: Importing;

  beforeAll(async () => {
    importing = await Importing.inNewFolder();
  });
  afterAll(() => importing.close());

  const content = 'a,b\n1,2\n3,4\n';
  const rows = [
    [1, 2],
    [3, 4],
  ];
  /** One frame of one block that repeats a byte, 128 kB at a time. */
  const zstdOfZeros = (blocks: number): Buffer => {
    const header = Buffer.from('28b52ffd0050', 'hex');
    const block = Buffer.from([0x02, 0x00, 0x10, 0x61]);
    const last = Buffer.from([0x03, 0x00, 0x10, 0x61]);
    return Buffer.concat([header, ...Array.from({ length: blocks - 1 }, () => block), last]);
  };

  it('reads gzip, also in several members, and Zstandard, whatever the name says', async () => {
    const members = Buffer.concat([gzipSync('a,b\n1,2\n'), gzipSync('3,4\n')]);
    for (const bytes of [gzipSync(content), members, ZSTD, Buffer.concat([ZSTD, SKIPPED])]) {
      for (const name of ['x.csv', 'x.csv.gz', 'x.csv.zst']) {
        const table = await importing.loadOne(name, bytes);
        expect([table.name, table.rows]).toEqual(['x', rows]);
      }
    }
    expect((await importing.loadOne('x.csv', ZSTD)).reading.compression).toBe('zstd');
  });

  it('reads other formats compressed as well', async () => {
    expect((await importing.loadOne('x.json.gz', gzipSync('[{"a": 1}]'))).rows).toEqual([[1]]);
  });

  it.each([
    ['gzip that is cut off', gzipSync(content).subarray(0, 18), { problem: 'truncated' }],
    ['Zstandard that is cut off', ZSTD.subarray(0, 15), { problem: 'truncated' }],
    ['gzip whose bytes have changed', withByte(gzipSync('x'.repeat(50)), -6), { problem: 'damaged' }],
    [
      'Zstandard that asks for a window of gigabytes',
      Buffer.from('28b52ffd00f8aaaaaaaaaaaaaaaa', 'hex'),
      { problem: 'damaged' },
    ],
    [
      'Zstandard that claims to hold exabytes in one piece',
      Buffer.from('28b52ffde0ffffffffffffff7f010000', 'hex'),
      { problem: 'damaged' },
    ],
  ])('refuses %s', async (_what, bytes, details) => {
    expect(await importing.refusal('x.csv', bytes)).toMatchObject({ code: 'file_malformed', details });
  });

  it('refuses what is compressed twice', async () => {
    const refused = await importing.refusal('x.csv.gz', gzipSync(gzipSync(content)));
    expect(refused).toMatchObject({ code: 'file_format_not_supported' });
  });

  it.each([
    ['gzip', gzipSync(Buffer.alloc(150_000_000, 'a'))],
    ['Zstandard', zstdOfZeros(1_200)],
  ])('gives a bomb of %s up when it has grown out of proportion', async (_what, bytes) => {
    const refused = await importing.refusal('x.csv', bytes);
    expect(refused).toMatchObject({ code: 'file_unpacks_too_large', details: { problem: 'ratio' } });
  });
});

function withByte(bytes: Buffer, at: number): Buffer {
  const changed = Buffer.from(bytes);
  const index = bytes.length + at;
  changed[index] = (changed[index] ?? 0) ^ 0xff;
  return changed;
}
