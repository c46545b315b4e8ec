import { eq } from 'drizzle-orm';
import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import type { Database } from './database.ts';
import { chartRenderings } from './schema.ts';
import { openJson, sealJson } from './sealed-json.ts';

/** What a chart became when it was rendered first under this key, or undefined. */
export async function findRendering(database: Database, key: string): Promise<readonly KubernetesObject[] | undefined> {
  const [row] = await database.read((queries) =>
    queries.select().from(chartRenderings).where(eq(chartRenderings.key, key)),
  );
  return row === undefined
    ? undefined
    : openJson<readonly KubernetesObject[]>(database.vault, row.sealedObjects, contextOf(key));
}

/** The rendering that is kept under the key: of two that are saved at once, the first. */
export async function saveRendering(
  database: Database,
  { key, objects }: { readonly key: string; readonly objects: readonly KubernetesObject[] },
): Promise<readonly KubernetesObject[]> {
  const row = {
    key,
    sealedObjects: sealJson(database.vault, objects, contextOf(key)),
    createdAt: new Date().toISOString(),
  };
  await database.write((queries) => [queries.insert(chartRenderings).values(row).onConflictDoNothing()]);
  return (await findRendering(database, key)) ?? objects;
}

function contextOf(key: string): string {
  return `chart/${key}/objects`;
}
