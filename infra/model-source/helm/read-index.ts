import { createReadStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { pipeline, type Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { registryLimits } from '../../../domain/registry/limits.ts';
import { notAnIndex } from './not-an-index.ts';

/** Longer than any line of an index that is written in lines. */
const maximumLine = 1024 * 1024;

/** The text of an `index.yaml`, packed or not, in pieces. Throws SlipwayError `invalid` for one that is broken or too large. */
export async function* readIndex(file: string): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let bytes = 0;
  try {
    for await (const chunk of await openIndex(file)) {
      if (!(chunk instanceof Uint8Array)) continue;
      bytes += chunk.length;
      if (bytes > registryLimits.chartIndexBytes)
        throw notAnIndex(`it has more than ${registryLimits.chartIndexBytes} bytes`);
      yield decoder.decode(chunk, { stream: true });
    }
  } catch (error) {
    throw isZlibError(error) ? notAnIndex(error.message) : error;
  }
}

/** The lines of a text. Ends early where there are none to speak of, as in a JSON text without line ends. */
export async function* linesOf(pieces: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const piece of pieces) {
    const lines = (rest + piece).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) yield line.endsWith('\r') ? line.slice(0, -1) : line;
    if (rest.length > maximumLine) return;
  }
  yield rest;
}

async function openIndex(file: string): Promise<Readable> {
  const handle = await open(file);
  const { buffer, bytesRead } = await handle.read(Buffer.alloc(2), 0, 2, 0).finally(() => handle.close());
  const stream = createReadStream(file);
  const isPacked = bytesRead === 2 && buffer.readUInt16BE() === 0x1f8b;
  return isPacked ? pipeline(stream, createGunzip(), () => undefined) : stream;
}

function isZlibError(error: unknown): error is Error {
  return error instanceof Error && 'code' in error && String(error.code).startsWith('Z_');
}
