import { createWriteStream } from 'node:fs';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { SlipwayError } from '../../domain/errors.ts';
import type { OperationInput } from '../../domain/operation.ts';
import { pushOptionsSchema } from '../../domain/registry/generation.ts';
import { readOperationOptions, setResult } from '../../infra/database/operations.ts';
import { appendProgress } from '../../infra/database/progress.ts';
import { requireModel } from '../../infra/database/registry/models.ts';
import { pushPackage } from '../../infra/model-source/oci/artifact.ts';
import { createOciClient } from '../../infra/model-source/oci/client.ts';
import { formatOciReference, parseOciReference, tagOfVersion } from '../../infra/model-source/oci/reference.ts';
import { withScratch } from '../../infra/model-source/scratch.ts';
import { credentialFor } from '../../infra/model-source/source-credential.ts';
import { writableModel } from '../../infra/registry/writable-model.ts';
import { writePackage } from '../../infra/registry/write-package.ts';
import type { GenerationDependencies } from './dependencies.ts';

/** Packs a model and sends it to a registry. The same model gives the same digest, and is not sent twice. */
export async function pushModel(
  { database, web, home }: GenerationDependencies,
  { operationId }: OperationInput,
  signal: AbortSignal,
): Promise<void> {
  const {
    modelId,
    reference: text,
    connection,
  } = pushOptionsSchema.parse(await readOperationOptions(database, operationId));
  await appendProgress(database, [{ operationId, change: { type: 'phase', phase: 'push' } }]);
  const model = await requireModel(database, modelId);
  const given = parseOciReference(text);
  if (given.digest !== undefined) {
    throw new SlipwayError('invalid', `${text} names a digest, which is only known after the push`, {
      fix: 'Name a tag.',
    });
  }
  const reference = { ...given, tag: given.tag ?? tagOfVersion(model.version) };
  const credential = await credentialFor(database, connection, text);
  const client = createOciClient({ web: web.trusting(credential?.caCertificate), credential });
  const title = `${model.name}-${model.version}.tar.gz`;
  const pushed = await withScratch(home, operationId, async (scratch) => {
    const file = scratch.newPath();
    const packed = Readable.from(writePackage([writableModel(database, model)]));
    await pipeline(packed, createWriteStream(file, { flags: 'wx', mode: 0o600 }), { signal });
    return pushPackage(client, reference, { file, title, signal });
  });
  await setResult(database, {
    id: operationId,
    result: { ...pushed, reference: formatOciReference(reference) },
  });
}
