import { BlockList, isIPv4, SocketAddress } from 'node:net';
import { familyOf } from './allowed-sources.ts';

/**
 * Ranges that no source on the Internet has, after the special-purpose registries of IANA:
 * https://www.iana.org/assignments/iana-ipv4-special-registry and https://www.iana.org/assignments/iana-ipv6-special-registry
 */
const ranges = {
  'the address of this machine': ['127.0.0.0/8', '::1/128'],
  unspecified: ['0.0.0.0/8', '::/128'],
  'link-local, where clouds keep their metadata': ['169.254.0.0/16', 'fe80::/10'],
  'an address of metadata': ['168.63.129.16/32'],
  'in a private network': [
    '10.0.0.0/8',
    '172.16.0.0/12',
    '192.168.0.0/16',
    '100.64.0.0/10',
    'fc00::/7',
    'fec0::/10',
    '64:ff9b:1::/48',
  ],
  'a multicast address': ['224.0.0.0/4', 'ff00::/8'],
  reserved: [
    '192.0.0.0/24',
    '192.0.2.0/24',
    '192.88.99.0/24',
    '198.18.0.0/15',
    '198.51.100.0/24',
    '203.0.113.0/24',
    '240.0.0.0/4',
    '100::/64',
    '2001::/32',
    '2001:db8::/32',
    '2002::/16',
    '3fff::/20',
  ],
} as const;

const lists = Object.entries(ranges).map(([what, subnets]) => ({ what, list: listOf(subnets) }));

/** Why an address is refused, as the end of "it is …", or undefined for one on the Internet. */
export function refusalOf(address: string): string | undefined {
  const family = familyOf(address);
  if (family === undefined) return 'not an address';
  const inside = embeddedAddress(address);
  if (inside !== undefined) return refusalOf(inside);
  return lists.find(({ list }) => list.check(address, family))?.what;
}

/** The IPv4 address that an address of NAT64 (RFC 6052) or an IPv4-compatible one leads to. Mapped ones BlockList sees through. */
function embeddedAddress(address: string): string | undefined {
  if (isIPv4(address)) return undefined;
  const normal = new SocketAddress({ address, family: 'ipv6' }).address;
  const tail = /^(?:64:ff9b)?::((?:[0-9a-f]{1,4}:)?[0-9a-f]{0,4}|[\d.]+)$/.exec(normal)?.[1];
  if (tail === undefined || normal === '::1' || normal === '::') return undefined;
  if (isIPv4(tail)) return tail;
  const [low, high = '0'] = tail.split(':').toReversed();
  const bits = [Number.parseInt(high, 16), Number.parseInt(low || '0', 16)];
  return bits.flatMap((part) => [part >> 8, part & 0xff]).join('.');
}

function listOf(subnets: readonly string[]): BlockList {
  const list = new BlockList();
  for (const subnet of subnets) {
    const [network = '', prefix] = subnet.split('/');
    list.addSubnet(network, Number(prefix), familyOf(network) ?? 'ipv4');
  }
  return list;
}
