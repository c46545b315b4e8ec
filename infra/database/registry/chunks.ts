/** Of a file in the database: one row holds no more. */
export const chunkBytes = 1024 * 1024;

/** The bytes of a stream in pieces of 1 MiB; the last one is shorter. */
export async function* toChunks(content: AsyncIterable<Uint8Array>): AsyncGenerator<Buffer, void> {
  let held: Uint8Array[] = [];
  let size = 0;
  for await (const piece of content) {
    held.push(piece);
    size += piece.length;
    if (size < chunkBytes) continue;
    const bytes = Buffer.concat(held);
    const end = size - (size % chunkBytes);
    for (let start = 0; start < end; start += chunkBytes) yield bytes.subarray(start, start + chunkBytes);
    held = end === size ? [] : [bytes.subarray(end)];
    size -= end;
  }
  if (size > 0) yield Buffer.concat(held);
}
