import { openAsBlob } from 'node:fs';
import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import { create } from 'tar';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import { apiPath } from './client.ts';
import type { RemoteInvocation } from './invocation.ts';
import { readAll } from './shell.ts';

const uploadSchema = z.looseObject({ id: z.string() });
/** A file of the largest size over a slow line. */
const uploadTimeoutMs = 1_800_000;

/** Sends a file, a folder as an archive, or stdin (`-`), and gives the id of the upload. Throws `invalid` for what cannot be read. */
export async function uploadPlace(call: RemoteInvocation<unknown>, place: string): Promise<string> {
  if (place === '-') {
    const bytes = new Uint8Array(await readAll(call.shell.stdin));
    if (bytes.length === 0) throw new SlipwayError('invalid', 'stdin is empty', { fix: 'pipe a file into it' });
    return send(call, bytes, 'stdin');
  }
  const found = await stat(place).catch((error: unknown) => {
    const fix = 'name a file, a folder, -, oci://… or https://…';
    throw new SlipwayError('invalid', `cannot read ${place}`, { cause: error, fix });
  });
  const name = basename(resolve(place));
  return found.isDirectory() ? sendFolder(call, place, name) : send(call, await openAsBlob(place), name);
}

/** The archive of a folder with the same content has the same bytes, whenever it is made. */
async function sendFolder(call: RemoteInvocation<unknown>, folder: string, name: string): Promise<string> {
  const temporary = await mkdtemp(join(tmpdir(), 'slipway-upload-'));
  try {
    const file = join(temporary, 'folder.tar.gz');
    await create({ gzip: true, file, cwd: folder, portable: true, noMtime: true, filter: isOutsideGit }, ['.']);
    return await send(call, await openAsBlob(file), `${name}.tar.gz`);
  } finally {
    await rm(temporary, { recursive: true, force: true });
  }
}

async function send(
  { client }: RemoteInvocation<unknown>,
  body: Uint8Array<ArrayBuffer> | Blob,
  fileName: string,
): Promise<string> {
  const { id } = await client.post({
    schema: uploadSchema,
    path: apiPath('uploads'),
    query: { fileName },
    content: { type: 'application/octet-stream', body },
    timeoutMs: uploadTimeoutMs,
  });
  return id;
}

function isOutsideGit(path: string): boolean {
  return !/(^|\/)\.git(\/|$)/.test(path);
}
