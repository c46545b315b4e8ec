import { packageFiles, type WritableModel } from './package-files.ts';
import { tarGz, type ArchiveFile } from './tar-gz.ts';

/** Models as one `.tar.gz`, each in the layout of Meshery's packages. The same models give the same bytes. */
export function writePackage(
  models: AsyncIterable<WritableModel> | Iterable<WritableModel>,
): AsyncGenerator<Uint8Array, void> {
  return tarGz(filesOf(models));
}

async function* filesOf(models: AsyncIterable<WritableModel> | Iterable<WritableModel>): AsyncGenerator<ArchiveFile> {
  for await (const model of models) yield* packageFiles(model);
}
