import { randomBytes } from 'node:crypto';
import { link, mkdir, open, readFile, unlink } from 'node:fs/promises';
import { dirname } from 'node:path';
import { SlipwayError } from '../../domain/errors.ts';
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
  const text = (await readIfPresent(file)) ?? (await makeKeyFile(file));
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

async function readIfPresent(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** A whole file appears at once by its second link, so no reader sees half a key and the first of two makers wins. */
async function makeKeyFile(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true, mode: 0o700 });
  const draft = `${file}.${randomBytes(6).toString('hex')}`;
  const handle = await open(draft, 'wx', 0o600);
  try {
    await handle.writeFile(`${randomBytes(masterKeyBytes).toString('base64')}\n`);
    await handle.sync();
    await link(draft, file);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  } finally {
    await handle.close();
    await unlink(draft);
  }
  return await readFile(file, 'utf8');
}

function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}

function badKey(source: string): SlipwayError {
  return new SlipwayError('invalid', `${source} holds no master key of ${masterKeyBytes} bytes in base64 or hex`, {
    fix: 'Make one with: openssl rand -base64 32',
  });
}
