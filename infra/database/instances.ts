import { and, asc, eq, sql } from 'drizzle-orm';
import { z } from 'zod';
import { deploymentStates, inventoryItemSchema } from '../../domain/deployment.ts';
import type { Database } from './database.ts';
import { itemColumns } from './inventory.ts';
import { toReference } from './reference.ts';
import { deployments, designs, inventory } from './schema.ts';

/** An object of a cluster, as one of the deployments that own it knows it. */
export const ownedInstanceSchema = inventoryItemSchema.extend({
  deployment: z.object({ id: z.string(), state: z.enum(deploymentStates) }),
  design: z.object({ id: z.string(), name: z.string() }),
  /** SHA-256 of the manifest as last applied, or null before the first apply. */
  appliedDigest: z.string().nullable(),
});

export type OwnedInstance = z.infer<typeof ownedInstanceSchema>;

export type InstanceName = {
  readonly connectionId: string;
  readonly kind: string;
  readonly namespace?: string | undefined;
  readonly name: string;
};

/** What deployments own under that name, of any API group: an object that several own once for each of them. */
export async function findInstances(
  database: Database,
  { connectionId, kind, namespace, name }: InstanceName,
): Promise<readonly OwnedInstance[]> {
  // The end of `objectKey`, which the index on connection and key can be searched for without reading rows.
  const ending = `/${kind}/${namespace ?? ''}/${name}`;
  const rows = await database.read((queries) =>
    queries
      .select({
        ...itemColumns,
        appliedDigest: inventory.appliedDigest,
        deployment: { id: deployments.id, state: deployments.state },
        design: { id: designs.id, name: designs.name },
      })
      .from(inventory)
      .innerJoin(deployments, eq(deployments.id, inventory.deploymentId))
      .innerJoin(designs, eq(designs.id, deployments.designId))
      .where(
        and(eq(inventory.connectionId, connectionId), sql`substr(${inventory.key}, -${ending.length}) = ${ending}`),
      )
      .orderBy(asc(inventory.key), asc(inventory.deploymentId)),
  );
  return rows.map((row) => ownedInstanceSchema.parse({ ...row, reference: toReference(row) }));
}
