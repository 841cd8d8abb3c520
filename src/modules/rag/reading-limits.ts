const MIB = 1024 * 1024;

/** What a document may cost. */
export const READING_LIMITS = {
  /** Of what is sent. */
  bytes: 50 * MIB,
  /** Of what the parsers hold, and of their process as a whole, which has what they unpack as well. */
  heapMegabytes: 512,
  residentMegabytes: 900,
  /** Of a document in all. */
  characters: 5_000_000,
  pages: 3000,
  unpackedBytes: 500 * MIB,
} as const;
