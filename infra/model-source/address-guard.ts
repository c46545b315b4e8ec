import { lookup, type LookupAddress } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { callbackify, promisify } from 'node:util';
import { SlipwayError } from '../../domain/errors.ts';
import { createAllowedSources, familyOf, normalHost } from './allowed-sources.ts';
import { refusalOf } from './refused-addresses.ts';
import { shownUrl } from '../../domain/shown-url.ts';

export type HostAndPort = { readonly host: string; readonly port: number };

/** Decides which network addresses a source may be fetched from: those on the Internet, and what the configuration allows. */
export type AddressGuard = {
  /**
   * The URL, where its scheme and host may be used; a host name is not resolved yet. `schemes` defaults to `http:` and `https:`.
   * Throws SlipwayError `invalid` for no URL, `forbidden` for one that is refused.
   */
  readonly checkUrl: (url: string | URL, schemes?: readonly string[]) => URL;
  /** The addresses of a host. Throws SlipwayError `forbidden` when one of them is refused, `notFound` when there are none. */
  readonly resolve: (target: HostAndPort) => Promise<readonly LookupAddress[]>;
  /** For `net.connect`: resolves a host and gives only addresses that may be used, so what was checked is what is connected to. */
  readonly lookupFor: (port: number) => LookupFunction;
};

export type GuardOptions = {
  /** Entries of SLIPWAY_ALLOWED_SOURCES: hosts, `host:port`, addresses and ranges of them. */
  readonly allowed: readonly string[];
  /** All addresses of a host name. Default: those that the system gives. */
  readonly addressesOf?: (host: string) => Promise<readonly LookupAddress[]>;
};

const webSchemes = ['http:', 'https:'] as const;
const defaultPorts: Readonly<Record<string, number>> = { 'http:': 80, 'https:': 443, 'ssh:': 22 };
const systemLookup = promisify(lookup);

export function createAddressGuard({ allowed, addressesOf = systemAddresses }: GuardOptions): AddressGuard {
  const sources = createAllowedSources(allowed);

  const checkAddress = (address: string, { host, port }: HostAndPort): void => {
    const refusal = refusalOf(address);
    if (refusal === undefined || sources.hasHost(host, port) || sources.hasAddress(address, port)) return;
    throw refusedAddress({ address, host, port, refusal });
  };

  const checkUrl = (given: string | URL, schemes: readonly string[] = webSchemes): URL => {
    const url = parseUrl(given);
    if (!schemes.includes(url.protocol)) throw refusedScheme(url, schemes);
    const host = normalHost(url.hostname);
    if (host === undefined) throw notAUrl();
    if (familyOf(host) !== undefined) checkAddress(host, { host, port: portOf(url) });
    return url;
  };

  const resolve = async ({ host: given, port }: HostAndPort): Promise<readonly LookupAddress[]> => {
    const host = normalHost(given);
    if (host === undefined) throw notAUrl();
    const found = await addressesOf(host);
    if (found.length === 0) throw noAddress(host);
    for (const { address } of found) checkAddress(address, { host, port });
    return found;
  };

  const lookupFor =
    (port: number): LookupFunction =>
    (host, options, callback) => {
      callbackify(resolve)({ host, port }, (error, found) => {
        if (error === null) answerLookup(found, options, callback);
        else callback(error, []);
      });
    };

  return { checkUrl, resolve, lookupFor };
}

/** The port of a URL, with the scheme's own where it names none. */
export function portOf(url: URL): number {
  return url.port === '' ? defaultPortOf(url.protocol) : Number(url.port);
}

/** The port of a scheme such as `https:`; 0 for an unknown one. */
export function defaultPortOf(protocol: string): number {
  return defaultPorts[protocol] ?? 0;
}

function answerLookup(
  found: readonly LookupAddress[],
  { all, family }: Parameters<LookupFunction>[1],
  callback: Parameters<LookupFunction>[2],
): void {
  const wanted = found.filter(
    (address) => family === undefined || family === 0 || address.family === familyNumber(family),
  );
  const [first] = wanted;
  if (first === undefined) callback(new Error('the host has no address of the family that is asked for'), []);
  else if (all === true) callback(null, wanted);
  else callback(null, first.address, first.family);
}

function familyNumber(family: number | 'IPv4' | 'IPv6'): number {
  return family === 'IPv4' ? 4 : family === 'IPv6' ? 6 : family;
}

async function systemAddresses(host: string): Promise<readonly LookupAddress[]> {
  try {
    return await systemLookup(host, { all: true, verbatim: true });
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOTFOUND') throw noAddress(host, error);
    throw error;
  }
}

function parseUrl(given: string | URL): URL {
  const url = typeof given === 'string' ? URL.parse(given) : given;
  if (url === null) throw notAUrl();
  return url;
}

function notAUrl(): SlipwayError {
  return new SlipwayError('invalid', 'the address of the source is not a URL', {
    fix: 'Give a whole URL, such as "https://charts.example.com".',
  });
}

function noAddress(host: string, cause?: Error): SlipwayError {
  return new SlipwayError('notFound', `the host ${host} has no address`, {
    fix: 'Correct the host in the URL, or make its name known to the resolver of this machine.',
    cause,
  });
}

function refusedScheme(url: URL, schemes: readonly string[]): SlipwayError {
  const accepted = schemes.map((scheme) => scheme.replace(':', '')).join(', ');
  return new SlipwayError('forbidden', `sources are not fetched by ${url.protocol} URLs`, {
    fix: `Give a URL of one of these schemes: ${accepted}. Files are uploaded instead.`,
    details: { url: shownUrl(url) },
  });
}

type RefusedAddress = HostAndPort & { readonly address: string; readonly refusal: string };

function refusedAddress({ address, host, port, refusal }: RefusedAddress): SlipwayError {
  const what = host === address ? address : `${address} of ${host}`;
  const entry = familyOf(host) === 'ipv6' ? `[${host}]:${port}` : `${host}:${port}`;
  return new SlipwayError('forbidden', `the address ${what} is refused: it is ${refusal}`, {
    fix: `If sources may be fetched from there, add "${entry}" to SLIPWAY_ALLOWED_SOURCES (hosts, host:port or address ranges, separated by commas) and restart Slipway.`,
    details: { address, host, port },
  });
}
