import { describe, expect, it } from '@jest/globals';
import { resolveAllowed } from './address-policy.js';

const strict = { allowLoopback: false, allowPrivate: false };
const open = { allowLoopback: true, allowPrivate: true };
const refused = { code: 'source_address_not_allowed' };

describe('an address', () => {
  it.each([
    '127.0.0.1',
    '127.9.9.9',
    '2130706433',
    '0x7f.1',
    '0177.0.0.1',
    'localhost',
    '::1',
    '::ffff:127.0.0.1',
    '::ffff:7f00:1',
    '::127.0.0.1',
    '64:ff9b::7f00:1',
    '2002:7f00:1::',
    '10.1.2.3',
    '172.31.0.1',
    '192.168.0.1',
    '100.64.0.1',
    '::ffff:10.0.0.1',
    'fd12::1',
    '64:ff9b:1::1',
  ])('that leads to this machine or a private network is refused unless that is allowed: %s', async (host) => {
    await expect(resolveAllowed(host, strict)).rejects.toMatchObject(refused);
    expect((await resolveAllowed(host, open)).length).toBeGreaterThan(0);
  });

  it.each([
    '0.0.0.0',
    '::',
    '169.254.169.254',
    '::ffff:169.254.169.254',
    '64:ff9b::a9fe:a9fe',
    '2852039166',
    'fe80::1',
    'fe80::1%lo',
    'fd00:ec2::254',
    '100.100.100.200',
    '168.63.129.16',
    '224.0.0.1',
    'ff02::1',
    '255.255.255.255',
    '/var/run/postgresql',
    '',
    'a b',
  ])('at which no database can be is always refused: %s', async (host) => {
    await expect(resolveAllowed(host, open)).rejects.toMatchObject(refused);
  });

  it.each(['8.8.8.8', '2606:4700:4700::1111', '172.32.0.1', '100.128.0.1', '64:ff9b::808:808'])(
    'that everybody can reach is allowed: %s',
    async (host) => {
      expect(await resolveAllowed(host, strict)).toEqual([host]);
    },
  );

  it('is not allowed to open one kind of network with the permission for another', async () => {
    await expect(resolveAllowed('10.0.0.1', { ...strict, allowLoopback: true })).rejects.toMatchObject(refused);
    await expect(resolveAllowed('127.0.0.1', { ...strict, allowPrivate: true })).rejects.toMatchObject(refused);
  });
});
