const MIB = 1024 * 1024;

/** What a document may cost. */
export const READING_LIMITS = {
  /** Of what is sent. */
  bytes: 50 * MIB,
  milliseconds: 60_000,
  heapMegabytes: 512,
  /** Of a document in all. */
  characters: 5_000_000,
  pages: 3000,
  unpackedBytes: 500 * MIB,
} as const;
