/**
 * Where a connection may go. A name is resolved once and checked; the connection is made to the address that was checked,
 * so that a second answer of the name server cannot lead it elsewhere.
 */
import { lookup } from 'node:dns/promises';
import { BlockList, isIP, isIPv4 } from 'node:net';
import { EngineError } from '../../errors.js';

/** What the administrator allows beyond public addresses. */
export interface AddressPolicy {
  /** This machine: 127.0.0.0/8 and ::1. */
  allowLoopback: boolean;
  /** Networks that are not reachable from outside: RFC 1918, carrier-grade NAT, unique local addresses. */
  allowPrivate: boolean;
}

type Range = [network: string, prefix: number];

const LOOPBACK = blockList([['127.0.0.0', 8]], [['::1', 128]]);
const PRIVATE = blockList(
  [
    ['10.0.0.0', 8],
    ['172.16.0.0', 12],
    ['192.168.0.0', 16],
    ['100.64.0.0', 10],
    ['198.18.0.0', 15],
    ['192.0.0.0', 24],
  ],
  [
    ['fc00::', 7],
    ['fec0::', 10],
    ['64:ff9b:1::', 48],
  ],
);
/** No database lives there: unspecified, link-local, documentation, multicast, reserved, and where clouds tell secrets. */
const NEVER = blockList(
  [
    ['0.0.0.0', 8],
    ['169.254.0.0', 16],
    ['192.0.2.0', 24],
    ['198.51.100.0', 24],
    ['203.0.113.0', 24],
    ['224.0.0.0', 4],
    ['240.0.0.0', 4],
    ['100.100.100.200', 32],
    ['168.63.129.16', 32],
  ],
  [
    ['::', 128],
    ['fe80::', 10],
    ['ff00::', 8],
    ['100::', 64],
    ['2001::', 32],
    ['2001:db8::', 32],
    ['fd00:ec2::254', 128],
  ],
);

/**
 * Resolves a host once.
 *
 * @param host a name or an address in any spelling that the system's resolver understands
 * @returns the addresses that may be connected to, in the resolver's order; at least one
 * @throws EngineError `source_address_not_allowed` when the host is a socket's path or has no allowed address,
 *   `source_unreachable` when it has no address at all
 */
export async function resolveAllowed(host: string, policy: AddressPolicy): Promise<string[]> {
  if (host === '' || /[/\\\s@\0]/.test(host)) throw notAllowed();
  let addresses: string[];
  try {
    addresses = isIP(host) ? [host] : (await lookup(host, { all: true })).map(({ address }) => address);
  } catch (error) {
    throw new EngineError('source_unreachable', 'The host of the data source is not known. Check its name.', {
      cause: error,
    });
  }
  const allowed = addresses.filter((address) => isAllowed(address, policy));
  if (allowed.length === 0) throw notAllowed();
  return allowed;
}

function isAllowed(address: string, policy: AddressPolicy): boolean {
  const plain = unwrapped(address);
  const family = isIPv4(plain) ? 'ipv4' : 'ipv6';
  if (NEVER.check(plain, family)) return false;
  if (LOOPBACK.check(plain, family)) return policy.allowLoopback;
  if (PRIVATE.check(plain, family)) return policy.allowPrivate;
  return true;
}

/** The IPv4 address inside of an IPv6 one that leads to it: mapped, compatible, NAT64 (RFC 6052), 6to4 (RFC 3056). */
function unwrapped(address: string): string {
  if (isIPv4(address)) return address;
  const words = ipv6Words(address);
  const zeros = (from: number, to: number): boolean => words.slice(from, to).every((word) => word === 0);
  const mapped = zeros(0, 5) && words[5] === 0xffff;
  const compatible = zeros(0, 6) && (words[6] !== 0 || (words[7] ?? 0) > 1);
  const nat64 = words[0] === 0x64 && words[1] === 0xff9b && zeros(2, 6);
  if (mapped || compatible || nat64) return ipv4(words[6], words[7]);
  if (words[0] === 0x2002) return ipv4(words[1], words[2]);
  return address.split('%')[0] ?? address;
}

function ipv6Words(address: string): number[] {
  const dotted = /(\d+)\.(\d+)\.(\d+)\.(\d+)$/;
  const hex = (address.split('%')[0] ?? '').replace(dotted, (_, a: string, b: string, c: string, d: string) =>
    [Number(a) * 256 + Number(b), Number(c) * 256 + Number(d)].map((word) => word.toString(16)).join(':'),
  );
  const [head = '', tail] = hex.split('::');
  const words = (part: string): number[] => (part === '' ? [] : part.split(':').map((word) => parseInt(word, 16)));
  const before = words(head);
  if (tail === undefined) return before;
  const after = words(tail);
  return [...before, ...Array<number>(8 - before.length - after.length).fill(0), ...after];
}

function ipv4(high = 0, low = 0): string {
  return [high >> 8, high & 255, low >> 8, low & 255].join('.');
}

function blockList(ipv4Ranges: readonly Range[], ipv6Ranges: readonly Range[]): BlockList {
  const list = new BlockList();
  for (const [network, prefix] of ipv4Ranges) list.addSubnet(network, prefix, 'ipv4');
  for (const [network, prefix] of ipv6Ranges) list.addSubnet(network, prefix, 'ipv6');
  return list;
}

function notAllowed(): EngineError {
  return new EngineError(
    'source_address_not_allowed',
    'The data source is at an address that this installation does not connect to. Ask an administrator to allow it.',
  );
}
