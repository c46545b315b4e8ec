import { createHash, randomUUIDv7 } from 'node:crypto';

export const idPrefixes = ['op', 'dsn', 'dep', 'con', 'plan', 'evt', 'req', 'mdl', 'rgt', 'upl', 'drf', 'sch'] as const;
export type IdPrefix = (typeof idPrefixes)[number];

/** RFC 4648 section 7: the base32 alphabet whose text sorts as its bytes do. */
const alphabet = '0123456789abcdefghijklmnopqrstuv';

/** `op_0cpbmns5…`: a prefix and a UUIDv7 in base32, so ids sort by the time they were made. */
export function newId(prefix: IdPrefix): string {
  return `${prefix}_${encodeBase32(Buffer.from(randomUUIDv7().replaceAll('-', ''), 'hex'))}`;
}

/** An id that is the same whenever it is made of the same time (milliseconds since 1970) and seed, in the order of times. */
export function derivedId(
  prefix: IdPrefix,
  { timeMs, seed }: { readonly timeMs: number; readonly seed: string },
): string {
  const bytes = createHash('sha256').update(seed).digest().subarray(0, 16);
  bytes.writeUIntBE(timeMs, 0, 6);
  return `${prefix}_${encodeBase32(bytes)}`;
}

function encodeBase32(bytes: Uint8Array): string {
  const bits = [...bytes].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  const groups = bits.match(/.{1,5}/g) ?? [];
  return groups.map((group) => alphabet.charAt(Number.parseInt(group.padEnd(5, '0'), 2))).join('');
}
