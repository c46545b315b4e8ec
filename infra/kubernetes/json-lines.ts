import { ApiError } from './api-error.ts';

/** etcd keeps objects of at most about 1.5 MB; as JSON in an event they grow. */
const maximumLineBytes = 64 * 1024 * 1024;
const newline = 0x0a;

/**
 * The JSON values of a stream that has one on each line. Bytes are decoded a whole line at a time, so chunks may end
 * inside a character. A last line that lacks its end is dropped: the stream broke off. Throws `ApiError`: `unavailable`
 * on what is not JSON, `tooLarge` on an endless line.
 */
export async function* readJsonLines(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<unknown> {
  let pending: Uint8Array[] = [];
  let pendingBytes = 0;
  for await (const chunk of chunks) {
    let start = 0;
    for (let end = chunk.indexOf(newline); end !== -1; end = chunk.indexOf(newline, start)) {
      const line = textOf([...pending, chunk.subarray(start, end)]);
      pending = [];
      pendingBytes = 0;
      start = end + 1;
      if (line.trim() !== '') yield parseLine(line);
    }
    if (start === chunk.length) continue;
    pending.push(start === 0 ? chunk : chunk.subarray(start));
    pendingBytes += chunk.length - start;
    if (pendingBytes > maximumLineBytes) {
      throw brokenStream('tooLarge', `a line of the stream is longer than ${maximumLineBytes} bytes`);
    }
  }
}

function textOf(parts: readonly Uint8Array[]): string {
  const [only] = parts;
  const bytes = parts.length === 1 && only !== undefined ? only : Buffer.concat(parts);
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('utf8');
}

function parseLine(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    // The parser's message would quote the line, which may hold a Secret.
    throw brokenStream('unavailable', 'a line of the stream is not JSON');
  }
}

/** The error of a stream that did not keep to the protocol. */
export function brokenStream(code: 'unavailable' | 'tooLarge', message: string): ApiError {
  return new ApiError({ status: 0, reason: 'BrokenStream', code, message });
}
