import { createWriteStream } from 'node:fs';
import { lstat, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import * as tar from 'tar';
import { EnvHttpProxyAgent, fetch, type Response } from 'undici';
import { SlipwayError } from '../../../domain/errors.ts';
import { digestOfFile } from '../../digest.ts';
import type { Platform, Release } from './program.ts';

const connectMs = 3000;
const headersMs = 10_000;
const stallMs = 20_000;
const checksumBytesMax = 1_000_000;
const programBytesMax = 1_000_000_000;
const progressMs = 2000;

export type DownloadOptions = {
  /** Where the releases' hosts are mirrored: `<mirror>/<host>/<path>` is fetched instead of `https://<host>/<path>`. */
  readonly mirror?: string | undefined;
  readonly onProgress: (line: string) => void;
  readonly signal?: AbortSignal | undefined;
};

/**
 * Fetches a released program into `draft`. Throws `unavailable` within seconds when the network is not there, and when
 * the file is not the one that the project published the checksum of.
 */
export async function downloadProgram(release: Release, draft: string, options: DownloadOptions): Promise<void> {
  const platform = currentPlatform();
  const url = mirrored(release.url(platform), options.mirror);
  const dispatcher = new EnvHttpProxyAgent({
    connect: { timeout: connectMs },
    headersTimeout: headersMs,
    bodyTimeout: stallMs,
  });
  const get = (address: string): Promise<Response> =>
    fetchOk(address, { dispatcher, ...(options.signal === undefined ? {} : { signal: options.signal }) });
  try {
    const checksums = await readChecksums(await get(mirrored(release.checksumsUrl(platform), options.mirror)));
    const file = `${draft}.download`;
    await saveBody(await get(url), file, options.onProgress);
    await verifyChecksum(file, checksumOf(checksums, basename(new URL(url).pathname)), url);
    await (release.member === undefined ? rename(file, draft) : extractMember(file, release.member(platform), draft));
  } finally {
    await dispatcher.destroy();
  }
}

function currentPlatform(): Platform {
  return { os: process.platform, arch: process.arch === 'x64' ? 'amd64' : process.arch };
}

function mirrored(url: string, mirror: string | undefined): string {
  return mirror === undefined ? url : url.replace(/^https:\//u, mirror.replace(/\/$/u, ''));
}

async function fetchOk(url: string, init: Parameters<typeof fetch>[1]): Promise<Response> {
  const response = await fetch(url, init).catch((cause: unknown) => {
    throw new SlipwayError('unavailable', `${url} cannot be reached (${rootMessage(cause)})`, { cause });
  });
  if (!response.ok) {
    await response.body?.cancel();
    throw new SlipwayError('unavailable', `${url} answers ${response.status}`);
  }
  return response;
}

async function readChecksums(response: Response): Promise<string> {
  const size = Number(response.headers.get('content-length') ?? 0);
  if (size > checksumBytesMax) {
    throw new SlipwayError('unavailable', `${response.url} is no list of checksums: ${size} bytes`);
  }
  return response.text();
}

/** Reads lines as sha256sum writes them: the hash, one or two spaces, perhaps a star, the name. */
function checksumOf(checksums: string, file: string): string {
  const lines = checksums.split('\n').map((line) => /^([0-9a-f]{64})\s+\*?(?:\S*\/)?(\S+)\s*$/iu.exec(line));
  const checksum = lines.find((match) => match?.[2] === file)?.[1];
  if (checksum === undefined) {
    throw new SlipwayError('unavailable', `no checksum is published for ${file}`);
  }
  return checksum.toLowerCase();
}

async function saveBody(response: Response, file: string, onProgress: (line: string) => void): Promise<void> {
  if (response.body === null) {
    throw new SlipwayError('unavailable', `${response.url} is empty`);
  }
  const total = Number(response.headers.get('content-length') ?? 0);
  const target = createWriteStream(file, { mode: 0o600 });
  await pipeline(Readable.fromWeb(response.body), meter(total, onProgress), target).catch((cause: unknown) => {
    // What the disk refuses is not the server's fault.
    throw target.errored === null || target.errored !== cause
      ? new SlipwayError('unavailable', `${response.url} broke off (${rootMessage(cause)})`, { cause })
      : cause;
  });
}

/** Passes chunks on, tells the progress, and stops at a size that no program has. */
function meter(total: number, onProgress: (line: string) => void) {
  return async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    let bytes = 0;
    let toldAt = Date.now();
    for await (const chunk of chunks) {
      bytes += chunk.length;
      if (bytes > programBytesMax) {
        throw new SlipwayError('unavailable', `the file is larger than ${programBytesMax} bytes`);
      }
      if (Date.now() - toldAt > progressMs) {
        onProgress(`downloading: ${megabytes(bytes)}${total > 0 ? ` of ${megabytes(total)}` : ''} MB`);
        toldAt = Date.now();
      }
      yield chunk;
    }
  };
}

async function verifyChecksum(file: string, expected: string, url: string): Promise<void> {
  const actual = await digestOfFile(file);
  if (actual !== expected) {
    throw new SlipwayError('unavailable', `${url} has SHA-256 ${actual}, its project published ${expected}`);
  }
}

/** Takes one plain file out of an archive; links, folders and every other member stay inside. */
async function extractMember(archive: string, member: string, draft: string): Promise<void> {
  const folder = dirname(draft);
  await tar.extract({
    file: archive,
    cwd: folder,
    strict: true,
    filter: (path, entry) => path.replace(/^\.\//u, '') === member && 'type' in entry && entry.type === 'File',
  });
  const extracted = join(folder, member);
  const found = await lstat(extracted).catch(() => undefined);
  if (found === undefined || !found.isFile()) {
    throw new SlipwayError('unavailable', `${basename(archive)} has no program ${member}`);
  }
  await rename(extracted, draft);
}

function megabytes(bytes: number): number {
  return Math.round(bytes / 1_000_000);
}

function rootMessage(error: unknown): string {
  return error instanceof Error
    ? error.cause === undefined
      ? error.message
      : rootMessage(error.cause)
    : String(error);
}
