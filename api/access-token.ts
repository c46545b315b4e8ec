import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { SlipwayError } from '../domain/errors.ts';
import { readOrMakeSecretFile } from '../infra/secrets/secret-file.ts';

const shortestToken = 32;

/** The bearer token in `file`, made on first use. Throws SlipwayError `invalid` for a file that holds none. */
export async function loadAccessToken(file: string): Promise<string> {
  const text = await readOrMakeSecretFile(file, () => `slp_${randomBytes(32).toString('base64url')}\n`);
  const token = text.trim();
  if (token.length >= shortestToken && /^[\x21-\x7e]+$/.test(token)) return token;
  throw new SlipwayError('invalid', `${file} holds no token`, { fix: `Delete ${file}: a new token is made on start.` });
}

/** Says whether a text is the token, in a time that tells nothing about it. */
export function createTokenCheck(token: string): (candidate: string) => boolean {
  const expected = digest(token);
  return (candidate) => timingSafeEqual(digest(candidate), expected);
}

function digest(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
