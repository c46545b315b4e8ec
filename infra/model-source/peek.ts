export type Peeked = {
  /** The first bytes, fewer only where the whole has fewer. */
  readonly head: Uint8Array;
  /** All of it, from the start. */
  readonly chunks: AsyncIterable<Uint8Array>;
};

/** Looks at the first `length` bytes of a stream without losing them. */
export async function peek(chunks: AsyncIterable<Uint8Array>, length: number): Promise<Peeked> {
  const iterator = chunks[Symbol.asyncIterator]();
  const first: Uint8Array[] = [];
  let bytes = 0;
  while (bytes < length) {
    const { done, value } = await iterator.next();
    if (done === true) break;
    first.push(value);
    bytes += value.length;
  }
  return { head: Buffer.concat(first).subarray(0, length), chunks: withFirst(first, iterator) };
}

async function* withFirst(first: readonly Uint8Array[], rest: AsyncIterator<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* first;
    for (;;) {
      const { done, value } = await rest.next();
      if (done === true) return;
      yield value;
    }
  } finally {
    await rest.return?.();
  }
}
