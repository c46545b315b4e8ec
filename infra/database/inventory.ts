import { and, asc, eq, gt, ne, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type InventoryItem, inventoryItemSchema } from '../../domain/deployment.ts';
import type { KubernetesObject, ObjectReference } from '../../domain/kubernetes-object.ts';
import type { Vault } from '../secrets/vault.ts';
import { asSelects, asUpdates, changed, isOneOf } from './bulk.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { deployments, designs, inventory } from './schema.ts';
import { toReference } from './reference.ts';
import { openJson, sealJson } from './sealed-json.ts';

/** What a deployment owns, with what a change of it needs to know. */
export type InventoryRow = InventoryItem & {
  readonly connectionId: string;
  /** SHA-256 of the manifest as last applied, or null before the first apply. */
  readonly appliedDigest: string | null;
  /** For an adopted object: the live object before the first apply. */
  readonly original: KubernetesObject | null;
};

export type IntendedObject = {
  readonly key: string;
  readonly reference: ObjectReference;
  readonly component: string;
  readonly revision: number;
  /** False for an object that is adopted. Once true it stays true. */
  readonly created: boolean;
  /** The live object that is adopted; the first one recorded is kept. */
  readonly original?: KubernetesObject | undefined;
};

/** What changed of one object. Absent fields stay as they are. */
export type InventoryChange = {
  readonly key: string;
  readonly uid?: string | null | undefined;
  readonly state?: InventoryItem['state'] | undefined;
  readonly appliedDigest?: string | undefined;
  readonly applied?: KubernetesObject | undefined;
};

export type ObjectOwner = {
  readonly key: string;
  readonly deploymentId: string;
  readonly designName: string;
  readonly appliedDigest: string | null;
};

/** Rows opened at a time: bounds the memory of a reader of thousands. */
const readBatchSize = 500;

/** What the deployment owns, by key. */
export async function listInventory(
  database: Database,
  { deploymentId, ...request }: PageRequest & { readonly deploymentId: string },
): Promise<Page<InventoryItem>> {
  const after = decodeCursor(request, z.string());
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries
      .select(itemColumns)
      .from(inventory)
      .where(and(eq(inventory.deploymentId, deploymentId), after === undefined ? undefined : gt(inventory.key, after)))
      .orderBy(asc(inventory.key))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: toItem, key: (row) => row.key });
}

/** What the deployment owns, by key, read in pieces. */
export async function* readInventory(database: Database, deploymentId: string): AsyncGenerator<InventoryRow, void> {
  for (let after = ''; ;) {
    const rows = await database.read((queries) =>
      queries
        .select(rowColumns)
        .from(inventory)
        .where(and(eq(inventory.deploymentId, deploymentId), gt(inventory.key, after)))
        .orderBy(asc(inventory.key))
        .limit(readBatchSize),
    );
    for (const row of rows) yield toRow(database.vault, row);
    const last = rows.at(-1);
    if (rows.length < readBatchSize || last === undefined) return;
    after = last.key;
  }
}

/** The manifests as last applied of some of the deployment's objects, by key; what was never applied has none. */
export async function readApplied(
  database: Database,
  { deploymentId, keys }: { readonly deploymentId: string; readonly keys: readonly string[] },
): Promise<ReadonlyMap<string, KubernetesObject>> {
  const rows = await database.read((queries) =>
    queries
      .select({ key: inventory.key, sealedApplied: inventory.sealedApplied })
      .from(inventory)
      .where(and(eq(inventory.deploymentId, deploymentId), isOneOf(inventory.key, keys))),
  );
  return new Map(
    rows.flatMap(({ key, sealedApplied }) => {
      if (sealedApplied === null) return [];
      const place = bodyContext({ deploymentId, key }, 'applied');
      return [[key, openJson<KubernetesObject>(database.vault, sealedApplied, place)] as const];
    }),
  );
}

/** Records what an operation is about to write to the cluster; call it before. Repeating it changes nothing. */
export async function recordIntended(
  database: Database,
  {
    deploymentId,
    connectionId,
    objects,
  }: { readonly deploymentId: string; readonly connectionId: string; readonly objects: readonly IntendedObject[] },
): Promise<void> {
  const rows = objects.map((object) => intendedRow(database.vault, { deploymentId, connectionId, object }));
  for (const source of asSelects(inventory, rows)) {
    await database.write((queries) => [
      queries
        .insert(inventory)
        .select(source)
        .onConflictDoUpdate({
          target: [inventory.deploymentId, inventory.key],
          set: {
            apiVersion: sql`excluded.api_version`,
            component: sql`excluded.component`,
            revision: sql`excluded.revision`,
            created: sql`max(${inventory.created}, excluded.created)`,
            sealedOriginal: sql`coalesce(${inventory.sealedOriginal}, excluded.sealed_original)`,
          },
        }),
    ]);
  }
}

/** Records what was written to the cluster, and how the objects are. Objects that are not in the inventory are left out. */
export async function updateInventory(
  database: Database,
  { deploymentId, changes }: { readonly deploymentId: string; readonly changes: readonly InventoryChange[] },
): Promise<void> {
  const rows = changes.map(({ applied, ...change }) => ({
    ...change,
    ...(applied === undefined
      ? {}
      : {
          sealedApplied: sealJson(database.vault, applied, bodyContext({ deploymentId, key: change.key }, 'applied')),
        }),
  }));
  for (const { set, source } of asUpdates(inventory, rows, ['uid', 'state', 'appliedDigest', 'sealedApplied'])) {
    await database.write((queries) => [
      queries
        .update(inventory)
        .set(set)
        .from(source)
        .where(and(eq(inventory.deploymentId, deploymentId), eq(inventory.key, changed('key')))),
    ]);
  }
}

/** Takes objects that are gone, or were given back, out of the inventory. */
export async function removeFromInventory(
  database: Database,
  { deploymentId, keys }: { readonly deploymentId: string; readonly keys: readonly string[] },
): Promise<void> {
  await database.write((queries) => [
    queries.delete(inventory).where(and(eq(inventory.deploymentId, deploymentId), isOneOf(inventory.key, keys))),
  ]);
}

/** Other deployments on the connection that own some of these objects. */
export async function otherOwners(
  database: Database,
  {
    connectionId,
    keys,
    exceptDeploymentId,
  }: { readonly connectionId: string; readonly keys: readonly string[]; readonly exceptDeploymentId: string },
): Promise<readonly ObjectOwner[]> {
  return database.read((queries) =>
    queries
      .select({
        key: inventory.key,
        deploymentId: inventory.deploymentId,
        designName: designs.name,
        appliedDigest: inventory.appliedDigest,
      })
      .from(inventory)
      .innerJoin(deployments, eq(deployments.id, inventory.deploymentId))
      .innerJoin(designs, eq(designs.id, deployments.designId))
      .where(
        and(
          eq(inventory.connectionId, connectionId),
          ne(inventory.deploymentId, exceptDeploymentId),
          isOneOf(inventory.key, keys),
        ),
      )
      .orderBy(asc(inventory.key), asc(inventory.deploymentId)),
  );
}

/** What an item of an inventory is read from. */
export const itemColumns = {
  key: inventory.key,
  apiVersion: inventory.apiVersion,
  kind: inventory.kind,
  namespace: inventory.namespace,
  name: inventory.name,
  component: inventory.component,
  uid: inventory.uid,
  revision: inventory.revision,
  created: inventory.created,
  state: inventory.state,
};

const rowColumns = {
  ...itemColumns,
  deploymentId: inventory.deploymentId,
  connectionId: inventory.connectionId,
  appliedDigest: inventory.appliedDigest,
  sealedOriginal: inventory.sealedOriginal,
};

type RowFields = Pick<typeof inventory.$inferSelect, keyof typeof rowColumns>;
type ItemFields = Pick<typeof inventory.$inferSelect, keyof typeof itemColumns>;
type BodyPlace = { readonly deploymentId: string; readonly key: string };

function toItem(row: ItemFields): InventoryItem {
  return inventoryItemSchema.parse({ ...row, reference: toReference(row) });
}

function toRow(vault: Vault, row: RowFields): InventoryRow {
  const { connectionId, appliedDigest, sealedOriginal } = row;
  const original =
    sealedOriginal === null ? null : openJson<KubernetesObject>(vault, sealedOriginal, bodyContext(row, 'original'));
  return { ...toItem(row), connectionId, appliedDigest, original };
}

function intendedRow(
  vault: Vault,
  {
    deploymentId,
    connectionId,
    object,
  }: { readonly deploymentId: string; readonly connectionId: string; readonly object: IntendedObject },
): typeof inventory.$inferInsert {
  const { key, reference, component, revision, created, original } = object;
  return {
    deploymentId,
    connectionId,
    key,
    component,
    revision,
    created,
    ...reference,
    state: 'pending',
    ...(original === undefined
      ? {}
      : { sealedOriginal: sealJson(vault, original, bodyContext({ deploymentId, key }, 'original')) }),
  };
}

type BodyField = 'applied' | 'original';

function bodyContext({ deploymentId, key }: BodyPlace, field: BodyField): string {
  return `inventory/${deploymentId}/${key}/${field}`;
}
