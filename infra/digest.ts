import { createHash } from 'node:crypto';
import { canonicalJson } from '../domain/json.ts';

/** SHA-256 of a JSON value, in hex; the order of keys does not matter. */
export function digestOf(value: unknown): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex');
}
