import { and, eq, sql } from 'drizzle-orm';
import { SlipwayError } from '../../../domain/errors.ts';
import { formatModelReference } from '../../../domain/registry/model.ts';
import type { Database, Queries } from '../database.ts';
import { isNeeded, listUsingDeployments, listUsingDesigns } from './model-usage.ts';
import { type ModelDetail, requireModel } from './models.ts';
import { markNewest } from './newest.ts';
import { removeFromSearch } from './search-index.ts';
import { models, modelSources } from './tables.ts';
import { deleteUnused, heldDigests } from './unused-definitions.ts';

/** How many of the designs and deployments a refusal names. */
const namedUsers = 10;

/**
 * Deletes one revision of a model with all that only it holds, and says whether it was used. Its sources are read anew at the
 * next run, whatever they say of themselves. Throws SlipwayError `conflict` when a stored design or a deployment uses a kind
 * that nothing else in the registry has, unless forced; `notFound`.
 */
export async function deleteModel(
  database: Database,
  { model: reference, force = false }: { readonly model: string; readonly force?: boolean | undefined },
): Promise<{ readonly wasUsed: boolean }> {
  const model = await requireModel(database, reference);
  const digests = await heldDigests(database, eq(models.id, model.id));
  const [[used]] = await database.write((queries) => {
    const isDeletable = force ? sql`true` : sql`not ${isNeeded(model.id)}`;
    const deletable = sql`(select id from models where id = ${model.id} and ${isDeletable})`;
    return [
      queries
        .select({ isUsed: sql<number>`${isNeeded(model.id)}` })
        .from(models)
        .where(eq(models.id, model.id)),
      ...removeFromSearch(queries, deletable),
      forgetSources(queries, model.id, isDeletable),
      queries.delete(models).where(and(eq(models.id, model.id), isDeletable)),
      deleteUnused(queries, digests),
      markNewest(queries, sql`(${model.name})`),
    ];
  });
  const wasUsed = used?.isUsed === 1;
  if (wasUsed && !force) throw await inUse(database, model);
  return { wasUsed };
}

/** What a source says of itself would keep a deleted model from coming back. */
function forgetSources(queries: Queries, modelId: string, condition: ReturnType<typeof sql>) {
  return queries.delete(modelSources).where(
    and(
      sql`(${modelSources.operationId}, ${modelSources.position}) in (
        select operation_id, position from generated_models where model_id = ${modelId})`,
      condition,
    ),
  );
}

async function inUse(database: Database, model: ModelDetail): Promise<SlipwayError> {
  const part = { modelId: model.id, limit: namedUsers };
  const [usingDesigns, usingDeployments] = await Promise.all([
    listUsingDesigns(database, part),
    listUsingDeployments(database, part),
  ]);
  const designs = usingDesigns.items.filter(({ needed }) => needed).map(({ name }) => name);
  const deployments = usingDeployments.items.filter(({ needed }) => needed).map(({ id }) => id);
  const users = [...designs.map((name) => `design ${name}`), ...deployments.map((id) => `deployment ${id}`)];
  return new SlipwayError('conflict', `${formatModelReference(model)} is used by ${users.join(', ')}`, {
    fix: 'Change or delete what uses it, keep it and disable it instead, or force it.',
    details: { designCount: designs.length, deploymentCount: deployments.length },
  });
}
