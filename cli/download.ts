import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SlipwayError } from '../domain/errors.ts';
import type { Query } from './client.ts';
import type { RemoteInvocation } from './invocation.ts';

export type Download = {
  readonly path: string;
  readonly query: Query;
  /** A file to write, or `-` for stdout; absent: the name that the server gives it. */
  readonly target?: string;
};

/**
 * Writes an answer to a file or to stdout as it comes, never held whole. A file is there under its name when all of it
 * is; gives the name, or undefined for stdout. Throws SlipwayError `invalid` for a file that cannot be written.
 */
export async function download(
  { client, printer, shell }: Pick<RemoteInvocation<unknown>, 'client' | 'printer' | 'shell'>,
  { path, query, target }: Download,
): Promise<string | undefined> {
  const { body, headers } = await client.open(path, { query, headers: {}, signal: shell.interrupted });
  if (body === null) throw new SlipwayError('failed', `the server sent nothing for ${path}`);
  if (target === '-') {
    for await (const chunk of body) printer.bytes(chunk);
    return undefined;
  }
  const file = target ?? nameGiven(headers.get('content-disposition') ?? '');
  await saveTo(file, Readable.fromWeb(body), shell.interrupted);
  return file;
}

/** A plain file name in this folder, whatever the server says. */
function nameGiven(disposition: string): string {
  const [, name] = /filename="([\w.@+-]+)"/.exec(disposition) ?? [];
  if (name !== undefined && !name.startsWith('.')) return name;
  throw new SlipwayError('invalid', 'the server names no file', { fix: 'Name one by -f FILE, or -f - for stdout.' });
}

async function saveTo(target: string, content: Readable, signal: AbortSignal): Promise<void> {
  const partial = `${target}.part`;
  try {
    await pipeline(content, createWriteStream(partial), { signal });
    await rename(partial, target);
  } catch (error) {
    await rm(partial, { force: true });
    if (signal.aborted) throw new SlipwayError('cancelled', 'interrupted', { cause: error });
    if (!isFileError(error)) {
      throw new SlipwayError('unavailable', 'the download broke off', { cause: error, fix: 'Repeat the command.' });
    }
    throw new SlipwayError('invalid', `cannot write ${target}`, { cause: error, fix: 'Name another file by -f.' });
  }
}

function isFileError(error: unknown): boolean {
  return error instanceof Error && 'syscall' in error && 'path' in error;
}
