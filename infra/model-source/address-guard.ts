import type { LookupFunction } from 'node:net';

/** Decides which network addresses a source may be fetched from. */
export type AddressGuard = {
  /**
   * The URL, where its scheme and host may be used; a host name is not resolved yet. `schemes` defaults to `http:` and `https:`.
   * Throws SlipwayError `invalid` for no URL, `forbidden` for one that is refused.
   */
  readonly checkUrl: (url: string | URL, schemes?: readonly string[]) => URL;
  /** The addresses that a host resolves to. Throws SlipwayError `forbidden` when one is refused, `unavailable` when there are none. */
  readonly resolve: (target: HostAndPort) => Promise<readonly string[]>;
  /** For `net.connect`: resolves a host and gives only addresses that may be used, so what was checked is what is connected to. */
  readonly lookupFor: (port: number) => LookupFunction;
};

export type HostAndPort = { readonly host: string; readonly port: number };
