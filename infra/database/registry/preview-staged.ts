import { and, asc, eq, isNotNull, isNull, type SQL } from 'drizzle-orm';
import { type GeneratedModel, generatedModelSchema } from '../../../domain/registry/generation.ts';
import type { Database } from '../database.ts';
import type { StagePlace } from './stage-model.ts';
import { generatedModels, models } from './tables.ts';

/** What would become of each model that is staged and sealed for a source, were it published now; by name and version. */
export async function previewStaged(database: Database, place: StagePlace): Promise<readonly GeneratedModel[]> {
  const rows = await database.read((queries) =>
    queries
      .select({ generated: generatedModels, newestId: models.id })
      .from(generatedModels)
      .leftJoin(
        models,
        and(
          eq(models.name, generatedModels.name),
          eq(models.version, generatedModels.version),
          eq(models.current, true),
        ),
      )
      .where(and(isOf(place), isNull(generatedModels.change)))
      .orderBy(asc(generatedModels.name), asc(generatedModels.version)),
  );
  return rows.map(({ generated, newestId }) => {
    const exists = newestId === null ? 'added' : 'changed';
    return generatedModelSchema.parse({ ...generated, change: generated.modelId === null ? 'unchanged' : exists });
  });
}

/** What became of each model that was published for a source, by name and version; none where nothing was. */
export async function readPublished(database: Database, place: StagePlace): Promise<readonly GeneratedModel[]> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(generatedModels)
      .where(and(isOf(place), isNotNull(generatedModels.change)))
      .orderBy(asc(generatedModels.name), asc(generatedModels.version)),
  );
  return rows.map((row) => generatedModelSchema.parse(row));
}

/** Whether the newest revision of every model that came of a source of a run is still the one that came of it. */
export async function areNewest(database: Database, place: StagePlace): Promise<boolean> {
  const rows = await database.read((queries) =>
    queries
      .select({ id: generatedModels.modelId })
      .from(generatedModels)
      .leftJoin(models, and(eq(models.id, generatedModels.modelId), eq(models.current, true)))
      .where(and(isOf(place), isNull(models.id)))
      .limit(1),
  );
  return rows.length === 0;
}

function isOf({ operationId, position }: StagePlace): SQL | undefined {
  return and(eq(generatedModels.operationId, operationId), eq(generatedModels.position, position));
}
