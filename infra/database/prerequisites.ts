import { and, eq, inArray, ne } from 'drizzle-orm';
import { isOneOf } from './bulk.ts';
import type { Database } from './database.ts';
import { deploymentPrerequisites, deployments, designs, inventory } from './schema.ts';

/** Records that a deployment needs others, which were made for it. Repeating it changes nothing. */
export async function linkPrerequisites(
  database: Database,
  { deploymentId, prerequisiteIds }: { readonly deploymentId: string; readonly prerequisiteIds: readonly string[] },
): Promise<void> {
  if (prerequisiteIds.length === 0) return;
  const rows = prerequisiteIds.map((prerequisiteId) => ({ deploymentId, prerequisiteId }));
  await database.write((queries) => [queries.insert(deploymentPrerequisites).values(rows).onConflictDoNothing()]);
}

/** The deployments that were made for this one. */
export async function listPrerequisites(database: Database, deploymentId: string): Promise<readonly string[]> {
  const rows = await database.read((queries) =>
    queries
      .select({ id: deploymentPrerequisites.prerequisiteId })
      .from(deploymentPrerequisites)
      .where(eq(deploymentPrerequisites.deploymentId, deploymentId))
      .orderBy(deploymentPrerequisites.prerequisiteId),
  );
  return rows.map(({ id }) => id);
}

/** Deployments that were made for others on this connection and own one of these objects, named by `objectKey`. */
export async function prerequisitesOwning(
  database: Database,
  { connectionId, keys }: { readonly connectionId: string; readonly keys: readonly string[] },
): Promise<readonly string[]> {
  const rows = await database.read((queries) =>
    queries
      .selectDistinct({ id: inventory.deploymentId })
      .from(inventory)
      .innerJoin(deploymentPrerequisites, eq(deploymentPrerequisites.prerequisiteId, inventory.deploymentId))
      .where(and(eq(inventory.connectionId, connectionId), isOneOf(inventory.key, keys))),
  );
  return rows.map(({ id }) => id);
}

/** The deployments that were made for this one and that no other one needs. */
export async function listUnsharedPrerequisites(database: Database, deploymentId: string): Promise<readonly string[]> {
  const prerequisiteIds = await listPrerequisites(database, deploymentId);
  if (prerequisiteIds.length === 0) return [];
  const shared = await database.read((queries) =>
    queries
      .selectDistinct({ id: deploymentPrerequisites.prerequisiteId })
      .from(deploymentPrerequisites)
      .where(
        and(
          inArray(deploymentPrerequisites.prerequisiteId, [...prerequisiteIds]),
          ne(deploymentPrerequisites.deploymentId, deploymentId),
        ),
      ),
  );
  return prerequisiteIds.filter((id) => !shared.some((row) => row.id === id));
}

/** The names of the designs whose deployments this one was made for. */
export async function listDependents(database: Database, prerequisiteId: string): Promise<readonly string[]> {
  const rows = await database.read((queries) =>
    queries
      .select({ name: designs.name })
      .from(deploymentPrerequisites)
      .innerJoin(deployments, eq(deployments.id, deploymentPrerequisites.deploymentId))
      .innerJoin(designs, eq(designs.id, deployments.designId))
      .where(eq(deploymentPrerequisites.prerequisiteId, prerequisiteId))
      .orderBy(designs.name),
  );
  return rows.map(({ name }) => name);
}

/** Forgets what a deployment needed, once it is out of its cluster. */
export async function unlinkPrerequisites(database: Database, deploymentId: string): Promise<void> {
  await database.write((queries) => [
    queries.delete(deploymentPrerequisites).where(eq(deploymentPrerequisites.deploymentId, deploymentId)),
  ]);
}
