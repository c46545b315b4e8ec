import { BlockList, isIP } from 'node:net';

type AllowedHost = { readonly host: string; readonly port: number | undefined };
type AllowedRange = {
  readonly network: string;
  readonly prefix: number;
  readonly family: 'ipv4' | 'ipv6';
  readonly port: number | undefined;
};

/** One entry of SLIPWAY_ALLOWED_SOURCES: a host name or a range of addresses, on one port or on all. */
export type AllowedSource = AllowedHost | AllowedRange;

/** Reads `host`, `host:port`, an address with or without a port, or a range such as `10.0.0.0/8`; undefined for anything else. */
export function parseAllowedSource(entry: string): AllowedSource | undefined {
  const [network = '', prefix] = entry.split('/');
  const family = familyOf(network);
  if (family === undefined) return hostAndPort(entry);
  return prefix === undefined ? wholeAddress(network, family, undefined) : rangeOf(network, family, prefix);
}

function hostAndPort(entry: string): AllowedSource | undefined {
  const [, name = '', digits] = /^(\[[^\]]+\]|[^\s:/?#@[\]]+)(?::(\d{1,5}))?$/.exec(entry) ?? [];
  const host = normalHost(name);
  const port = digits === undefined ? undefined : Number(digits);
  if (host === undefined || (port !== undefined && (port < 1 || port > 65_535))) return undefined;
  const family = familyOf(host);
  return family === undefined ? { host, port } : wholeAddress(host, family, port);
}

/** What the entries allow, to be asked. Entries that are none are left out. */
export function createAllowedSources(entries: readonly string[]) {
  const parsed = entries.flatMap((entry) => parseAllowedSource(entry) ?? []);
  const ranges = parsed.flatMap((source) => ('network' in source ? [{ list: listOf(source), port: source.port }] : []));
  return {
    hasHost: (host: string, port: number): boolean =>
      parsed.some((source) => 'host' in source && source.host === host && isPort(source.port, port)),
    hasAddress: (address: string, port: number): boolean =>
      ranges.some(({ list, port: only }) => isPort(only, port) && list.check(address, familyOf(address) ?? 'ipv4')),
  };
}

/** A host as a URL has it: lower case, other spellings of an address (decimal, octal, hexadecimal) written out, no brackets. */
export function normalHost(host: string): string | undefined {
  const bracketed = isIP(host) === 6 ? `[${host}]` : host;
  const url = /[\s/?#@\\]/.test(bracketed) ? null : URL.parse(`http://${bracketed}`);
  if (url === null || url.hostname === '') return undefined;
  return url.hostname.replace(/^\[|\]$/g, '').replace(/\.$/, '');
}

export function familyOf(address: string): 'ipv4' | 'ipv6' | undefined {
  const version = isIP(address);
  return version === 0 ? undefined : version === 4 ? 'ipv4' : 'ipv6';
}

function isPort(only: number | undefined, port: number): boolean {
  return only === undefined || only === port;
}

function rangeOf(network: string, family: 'ipv4' | 'ipv6', prefix: string): AllowedRange | undefined {
  const bits = /^\d{1,3}$/.test(prefix) ? Number(prefix) : Number.NaN;
  return bits <= (family === 'ipv4' ? 32 : 128) ? { network, prefix: bits, family, port: undefined } : undefined;
}

function wholeAddress(network: string, family: 'ipv4' | 'ipv6', port: number | undefined): AllowedRange {
  return { network, prefix: family === 'ipv4' ? 32 : 128, family, port };
}

function listOf({ network, prefix, family }: AllowedRange): BlockList {
  const list = new BlockList();
  list.addSubnet(network, prefix, family);
  return list;
}
