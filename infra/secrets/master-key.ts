import { randomBytes } from 'node:crypto';
import { SlipwayError } from '../../domain/errors.ts';
import { readOrMakeSecretFile } from './secret-file.ts';
import { masterKeyBytes } from './vault.ts';

export type MasterKeySource = {
  /** Where the key is kept when the environment gives none. */
  readonly file: string;
  /** The value of SLIPWAY_MASTER_KEY: it wins over the file. */
  readonly env?: string | undefined;
};

/**
 * The master keys, newest first: base64 or hex, separated by commas or lines. The file is made with one new key (0600)
 * when it is missing. Throws SlipwayError `invalid` for text that holds no key.
 */
export async function loadMasterKey({ file, env }: MasterKeySource): Promise<readonly Buffer[]> {
  if (env !== undefined && env.trim() !== '') return parseKeys(env, 'SLIPWAY_MASTER_KEY');
  const text = await readOrMakeSecretFile(file, () => `${randomBytes(masterKeyBytes).toString('base64')}\n`);
  return parseKeys(text, file);
}

function parseKeys(text: string, source: string): readonly Buffer[] {
  const keys = text
    .split(/[\s,]+/)
    .filter((part) => part !== '')
    .map((part) => decodeKey(part, source));
  if (keys.length === 0) throw badKey(source);
  return keys;
}

function decodeKey(text: string, source: string): Buffer {
  const key = /^[0-9a-f]{64}$/i.test(text) ? Buffer.from(text, 'hex') : Buffer.from(text, 'base64');
  if (key.length !== masterKeyBytes) throw badKey(source);
  return key;
}

function badKey(source: string): SlipwayError {
  return new SlipwayError('invalid', `${source} holds no master key of ${masterKeyBytes} bytes in base64 or hex`, {
    fix: 'Make one with: openssl rand -base64 32',
  });
}
