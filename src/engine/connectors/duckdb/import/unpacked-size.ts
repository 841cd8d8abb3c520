import { EngineError } from '../../../errors.js';

/** Up to here the proportion is nobody's concern: a small file of zeros is no attack. */
const HARMLESS_BYTES = 100 * 1024 * 1024;
/** Tables of text shrink to a tenth or a fiftieth; what shrinks to less than this is made to. */
const MOST_TIMES = 200;

/**
 * Refuses what unpacks to more than is allowed, or to more than 200 times its size once it is larger than 100 MB.
 *
 * @throws EngineError `file_unpacks_too_large`
 */
export function refuseBomb(sizes: {
  fileName: string;
  packed: number;
  unpacked: number;
  maxUnpackedBytes: number;
}): void {
  const { fileName, packed, unpacked, maxUnpackedBytes } = sizes;
  const outOfProportion = unpacked > HARMLESS_BYTES && unpacked > packed * MOST_TIMES;
  if (unpacked <= maxUnpackedBytes && !outOfProportion) return;
  const reason = outOfProportion
    ? `to more than ${MOST_TIMES} times its size`
    : `to more than ${Math.round(maxUnpackedBytes / (1024 * 1024))} MB`;
  throw new EngineError(
    'file_unpacks_too_large',
    `“${fileName}” unpacks ${reason}, which is not accepted here. Unpack it yourself, and upload what you need of it.`,
    { details: { problem: outOfProportion ? 'ratio' : 'size' } },
  );
}
