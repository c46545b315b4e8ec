import type { Vault } from '../secrets/vault.ts';

/** Seals a JSON value for storage; `context` says which record and field it is. */
export function sealJson(vault: Vault, value: unknown, context: string): Buffer {
  return vault.seal(JSON.stringify(value), context);
}

/** What `sealJson` sealed under the same context. It is not parsed again: the vault opens only what Slipway stored there. */
export function openJson<T>(vault: Vault, sealed: Buffer, context: string): T {
  const value: T = JSON.parse(vault.openText(sealed, context));
  return value;
}
