import { packageFiles, type WritableModel } from './package-files.ts';

/** Models as one JSON array of the documents that their packages hold; files that they carry are left out by who gives them. */
export async function* writeDocuments(models: AsyncIterable<WritableModel>): AsyncGenerator<Uint8Array, void> {
  let separator = '[\n';
  for await (const model of models) {
    for await (const { content } of packageFiles(model)) {
      yield Buffer.from(separator);
      separator = ',\n';
      if (content instanceof Uint8Array) yield content;
      else yield* content;
    }
  }
  yield Buffer.from(separator === '[\n' ? '[]\n' : ']\n');
}
