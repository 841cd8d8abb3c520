/** Lists of addresses and networks, IPv4 and IPv6, that something may be used from. */
import { BlockList, isIP, isIPv4 } from 'node:net';

interface Network {
  address: string;
  /** Leading bits that count; all of them for a single address. */
  bits: number;
  family: 'ipv4' | 'ipv6';
}

/** Whether the text is an address, or a network in CIDR notation. */
export function isAddressOrNetwork(text: string): boolean {
  return parseNetwork(text) !== null;
}

/**
 * Whether an address lies in one of the networks. An IPv4 address counts the same when it is written as IPv6 (`::ffff:…`).
 *
 * @param list addresses and networks as `isAddressOrNetwork` takes them
 */
export function liesWithin(list: readonly string[], address: string): boolean {
  const networks = new BlockList();
  for (const { address: start, bits, family } of list.flatMap((text) => parseNetwork(text) ?? [])) {
    networks.addSubnet(start, bits, family);
  }
  const plain = withoutZone(address);
  return isIP(plain) !== 0 && networks.check(plain, isIPv4(plain) ? 'ipv4' : 'ipv6');
}

function parseNetwork(text: string): Network | null {
  const match = /^([\da-fA-F:.]+)(?:\/(0|[1-9]\d{0,2}))?$/.exec(text);
  const address = match?.[1] ?? '';
  const version = isIP(address);
  if (version === 0) return null;
  const longest = version === 4 ? 32 : 128;
  const bits = match?.[2] === undefined ? longest : Number(match[2]);
  return bits > longest ? null : { address, bits, family: version === 4 ? 'ipv4' : 'ipv6' };
}

/** A link-local address may name the interface that it came in by. */
function withoutZone(address: string): string {
  return address.split('%')[0] ?? address;
}
