import { isRetryable, SlipwayError } from '../../../domain/errors.ts';
import { backoffMs, pause } from '../../retry.ts';
import type { WebAnswer, WebRequest } from '../web-client.ts';
import type { Access } from './authorizer.ts';
import type { Blob } from './blob.ts';
import { nameOf, type RegistrySession } from './registry-session.ts';

const triesMaximum = 4;

export type Upload = {
  readonly session: RegistrySession;
  readonly access: Access;
  readonly blob: Blob;
  /** A larger blob goes in pieces of this size, so that a broken connection does not begin anew. */
  readonly chunkBytes: number;
  readonly signal?: AbortSignal | undefined;
};

/** Sends a blob that the registry does not have yet; says whether anything had to be sent. */
export async function uploadBlob(upload: Upload): Promise<'sent' | 'known'> {
  return tryAgain(upload, async () => {
    if (await isKnown(upload)) return 'known';
    await (upload.blob.size > upload.chunkBytes ? sendInChunks(upload) : sendWhole(upload));
    return 'sent';
  });
}

async function isKnown({ session, access, blob, signal }: Upload): Promise<boolean> {
  const url = session.urlOf(access, `blobs/${blob.digest}`);
  const answer = await session.request(access, url, { method: 'HEAD', accept: [404], signal });
  return answer.status === 200;
}

async function sendWhole(upload: Upload): Promise<void> {
  const { blob } = upload;
  const location = await open(upload);
  const headers = { 'content-type': 'application/octet-stream', 'content-length': String(blob.size) };
  const body = blob.size === 0 ? '' : () => blob.read(0, blob.size);
  await finish(upload, location, { headers, body });
}

async function sendInChunks(upload: Upload): Promise<void> {
  let state: UploadState = { location: await open(upload), position: 0 };
  let failures = 0;
  while (state.position < upload.blob.size) {
    const before = state.position;
    state = await sendChunk(upload, state).catch((error: unknown) => resume(upload, state, error));
    failures = state.position > before ? 0 : failures + 1;
    if (failures >= triesMaximum) throw stuck(upload, state.position);
  }
  await finish(upload, state.location, { headers: { 'content-length': '0' }, body: '' });
}

/** Where an upload goes on, and how many bytes the registry has of it. */
type UploadState = { readonly location: string; readonly position: number };

async function sendChunk(upload: Upload, { location, position }: UploadState): Promise<UploadState> {
  const { session, access, blob, signal } = upload;
  const end = Math.min(position + upload.chunkBytes, blob.size);
  const answer = await session.request(access, location, {
    method: 'PATCH',
    headers: {
      'content-type': 'application/octet-stream',
      'content-length': String(end - position),
      'content-range': `${position}-${end - 1}`,
    },
    body: () => blob.read(position, end),
    signal,
  });
  return { location: locationOf(upload, answer), position: receivedBytes(answer) ?? end };
}

/** Asks where the registry stands after a piece that did not get through. */
async function resume(upload: Upload, state: UploadState, error: unknown): Promise<UploadState> {
  const isOutOfStep = error instanceof SlipwayError && error.details['status'] === 416;
  if (!isOutOfStep && !isWorthAnotherTry(error)) throw error;
  await pause(backoffMs(1), upload.signal);
  const { session, access, signal } = upload;
  const answer = await session.request(access, state.location, { signal });
  const position = receivedBytes(answer);
  if (position === undefined) throw error;
  return { location: answer.headers['location'] === undefined ? state.location : locationOf(upload, answer), position };
}

/** `Range: 0-4095` says that 4096 bytes have come; `0-0` stands for none, as no chunk is one byte long. */
function receivedBytes({ headers }: WebAnswer): number | undefined {
  const last = /^(?:bytes=)?0-(\d+)$/.exec(headers['range'] ?? '')?.[1];
  if (last === undefined) return undefined;
  return last === '0' ? 0 : Number(last) + 1;
}

async function open(upload: Upload): Promise<string> {
  const { session, access, signal } = upload;
  const answer = await session.request(access, session.urlOf(access, 'blobs/uploads/'), {
    method: 'POST',
    headers: { 'content-length': '0' },
    body: '',
    // An upload that is opened and not used is forgotten.
    repeatable: true,
    signal,
  });
  return locationOf(upload, answer);
}

async function finish(upload: Upload, location: string, request: WebRequest): Promise<void> {
  const { session, access, blob, signal } = upload;
  const url = new URL(location);
  url.searchParams.set('digest', blob.digest);
  await session.request(access, url.href, { ...request, method: 'PUT', repeatable: false, signal });
}

function locationOf({ access }: Upload, answer: WebAnswer): string {
  const location = URL.parse(answer.headers['location'] ?? '', answer.url);
  if (answer.headers['location'] !== undefined && location !== null) return location.href;
  throw new SlipwayError('failed', `${nameOf(access)}: the registry does not say where the upload goes`, {
    fix: 'Use a registry that follows the OCI distribution specification.',
  });
}

/** From the beginning, as a half upload cannot be continued when its answer was lost. */
async function tryAgain<Result>(upload: Upload, send: () => Promise<Result>): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await send();
    } catch (error) {
      if (tries >= triesMaximum || !isWorthAnotherTry(error)) throw error;
      await pause(backoffMs(tries), upload.signal);
    }
  }
}

function isWorthAnotherTry(error: unknown): boolean {
  return error instanceof SlipwayError && isRetryable(error.code);
}

function stuck({ access, blob }: Upload, position: number): SlipwayError {
  const message = `${nameOf(access)}: the upload stays at ${position} of ${blob.size} bytes`;
  return new SlipwayError('unavailable', message, { fix: 'Try again; the log of the registry may tell more.' });
}
