import type { NewEvent } from '../../domain/event.ts';
import { pushOptionsSchema } from '../../domain/registry/generation.ts';
import { formatModelReference } from '../../domain/registry/model.ts';
import type { Database } from '../../infra/database/database.ts';
import { readOperationOptions, type StoredOperation } from '../../infra/database/operations.ts';
import { listSteps } from '../../infra/database/operation-steps.ts';
import { findModel } from '../../infra/database/registry/models.ts';

/** What an operation on the registry is about: the sources that are read, or the model that is sent. */
export async function registrySubject(database: Database, { id, kind }: StoredOperation): Promise<NewEvent['subject']> {
  if (kind === 'modelPush') {
    const { modelId } = pushOptionsSchema.parse(await readOperationOptions(database, id));
    const model = await findModel(database, modelId);
    return { kind: 'model', id: modelId, name: model === undefined ? modelId : formatModelReference(model) };
  }
  const { items } = await listSteps(database, { operationId: id, phase: 'generate', limit: 2 });
  const [only] = items;
  const name = only !== undefined && items.length === 1 ? only.reference.name : 'several sources';
  return { kind: 'modelSources', id, name };
}
