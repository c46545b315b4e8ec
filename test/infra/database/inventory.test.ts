import { expect, test } from 'vitest';
import type { Database } from '../../../infra/database/database.ts';
import {
  type IntendedObject,
  listInventory,
  otherOwners,
  readApplied,
  readInventory,
  recordIntended,
  removeFromInventory,
  updateInventory,
} from '../../../infra/database/inventory.ts';
import { inventory } from '../../../infra/database/schema.ts';
import { configMap, storeConnection, storeDeployment, storeDesign, testDatabase } from './database-fixture.ts';
import { ensureDeployment } from '../../../infra/database/deployments.ts';

const keyOf = (name: string) => `/ConfigMap/shop/${name}`;

const bodyOf = (name: string) => configMap(name, { text: name.repeat(Number(name) % 600) });

function intended(name: string, more: Partial<IntendedObject> = {}): IntendedObject {
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name };
  return { key: keyOf(name), reference, component: name, revision: 1, created: true, ...more };
}

function rowsOf(database: Database, deploymentId: string) {
  return Array.fromAsync(readInventory(database, deploymentId));
}

async function appliedOf(database: Database, deploymentId: string, names: readonly string[]) {
  return [...(await readApplied(database, { deploymentId, keys: names.map(keyOf) }))];
}

test('an object is recorded before it is applied, and completed afterwards', async () => {
  const database = await testDatabase();
  const { id: deploymentId, connectionId } = await storeDeployment(database);
  await recordIntended(database, { deploymentId, connectionId, objects: [intended('web')] });
  expect(await rowsOf(database, deploymentId)).toEqual([
    {
      ...intended('web'),
      connectionId,
      uid: null,
      state: 'pending',
      appliedDigest: null,
      original: null,
    },
  ]);
  expect(await appliedOf(database, deploymentId, ['web'])).toEqual([]);
  const applied = configMap('web', { a: 'é "1"' });
  const change = { uid: 'u1', state: 'ready', appliedDigest: 'abc' } as const;
  await updateInventory(database, { deploymentId, changes: [{ key: keyOf('web'), ...change, applied }] });
  expect(await rowsOf(database, deploymentId)).toMatchObject([change]);
  expect(await appliedOf(database, deploymentId, ['web'])).toEqual([[keyOf('web'), applied]]);
});

test('an update leaves the fields that it does not give', async () => {
  const database = await testDatabase();
  const { id: deploymentId, connectionId } = await storeDeployment(database);
  await recordIntended(database, { deploymentId, connectionId, objects: ['a', 'b'].map((name) => intended(name)) });
  const applied = configMap('a');
  await updateInventory(database, {
    deploymentId,
    changes: [
      { key: keyOf('a'), uid: 'u1', applied, appliedDigest: 'abc' },
      { key: keyOf('b'), state: 'notReady' },
    ],
  });
  await updateInventory(database, {
    deploymentId,
    changes: [
      { key: keyOf('a'), state: 'ready' },
      { key: keyOf('b'), uid: null },
      { key: keyOf('unknown'), state: 'ready' },
    ],
  });
  expect(await rowsOf(database, deploymentId)).toMatchObject([
    { uid: 'u1', state: 'ready', appliedDigest: 'abc' },
    { uid: null, state: 'notReady', appliedDigest: null },
  ]);
  expect(await appliedOf(database, deploymentId, ['a', 'b'])).toEqual([[keyOf('a'), applied]]);
  await updateInventory(database, { deploymentId, changes: [{ key: keyOf('a') }] });
  await updateInventory(database, { deploymentId, changes: [] });
  expect(await rowsOf(database, deploymentId)).toHaveLength(2);
});

test('recording an object again keeps what was applied and how it came, and takes the new revision', async () => {
  const database = await testDatabase();
  const { id: deploymentId, connectionId } = await storeDeployment(database);
  const original = configMap('b', { owner: 'helm' });
  const objects = [intended('a'), intended('b', { created: false, original })];
  await recordIntended(database, { deploymentId, connectionId, objects });
  await updateInventory(database, { deploymentId, changes: [{ key: keyOf('a'), uid: 'u1', state: 'ready' }] });
  const again = [
    intended('a', { created: false, original: configMap('a'), revision: 2 }),
    intended('b', { created: false, original: configMap('b', { owner: 'slipway' }), revision: 2 }),
  ];
  await recordIntended(database, { deploymentId, connectionId, objects: again });
  expect(await rowsOf(database, deploymentId)).toMatchObject([
    { revision: 2, created: true, uid: 'u1', state: 'ready' },
    { revision: 2, created: false, original },
  ]);
});

test('manifests are sealed in the database', async () => {
  const database = await testDatabase();
  const { id: deploymentId, connectionId } = await storeDeployment(database);
  const secret = configMap('a', { password: 'hunter2' });
  const objects = [intended('a', { created: false, original: secret })];
  await recordIntended(database, { deploymentId, connectionId, objects });
  await updateInventory(database, { deploymentId, changes: [{ key: keyOf('a'), applied: secret }] });
  const [row] = await database.read((queries) => queries.select().from(inventory));
  for (const sealed of [row?.sealedApplied, row?.sealedOriginal]) {
    expect(sealed?.length).toBeGreaterThan(0);
    expect(sealed?.includes('hunter2')).toBe(false);
  }
});

test('cluster-scoped objects have no namespace, and names in any script are kept', async () => {
  const database = await testDatabase();
  const { id: deploymentId, connectionId } = await storeDeployment(database);
  const reference = { apiVersion: 'v1', kind: 'Namespace', name: 'shop' };
  const objects = [intended('x', { key: '/Namespace//shop', reference, component: "it's — ünïcode" })];
  await recordIntended(database, { deploymentId, connectionId, objects });
  const { items } = await listInventory(database, { deploymentId });
  expect(items[0]?.reference).toEqual(reference);
  expect(items[0]?.component).toBe("it's — ünïcode");
});

test('thousands of objects with bodies of different sizes are recorded, read in order and listed in pages', async () => {
  const database = await testDatabase();
  const { id: deploymentId, connectionId } = await storeDeployment(database);
  const names = Array.from({ length: 2_500 }, (_, index) => String(index).padStart(5, '0'));
  const objects = names.map((name) => intended(name, { created: false, original: bodyOf(name) }));
  await recordIntended(database, { deploymentId, connectionId, objects });
  const changes = names.map((name) => ({ key: keyOf(name), uid: name, applied: bodyOf(name) }));
  await updateInventory(database, { deploymentId, changes });
  const rows = await rowsOf(database, deploymentId);
  expect(rows.map(({ key }) => key)).toEqual(names.map(keyOf));
  const applied = new Map(await appliedOf(database, deploymentId, names));
  for (const { key, reference, uid, original } of rows) {
    expect(uid).toBe(reference.name);
    expect(applied.get(key)).toEqual(bodyOf(reference.name));
    expect(original).toEqual(bodyOf(reference.name));
  }
  const first = await listInventory(database, { deploymentId, limit: 1_000 });
  const second = await listInventory(database, { deploymentId, limit: 1_000, cursor: first.nextCursor ?? '' });
  expect(second.items[0]?.key).toBe(keyOf('01000'));
});

test('objects that are gone leave the inventory of that deployment only', async () => {
  const database = await testDatabase();
  const { id: deploymentId, connectionId } = await storeDeployment(database);
  const other = await storeDeployment(database);
  for (const id of [deploymentId, other.id]) {
    await recordIntended(database, { deploymentId: id, connectionId, objects: [intended('a'), intended('b')] });
  }
  await removeFromInventory(database, { deploymentId, keys: [keyOf('a'), keyOf('unknown')] });
  expect((await rowsOf(database, deploymentId)).map(({ key }) => key)).toEqual([keyOf('b')]);
  expect(await rowsOf(database, other.id)).toHaveLength(2);
});

test('other owners of an object are those on the same connection', async () => {
  const database = await testDatabase();
  const mine = await storeDeployment(database);
  const design = await storeDesign(database, 'neighbour');
  const neighbour = await ensureDeployment(database, { designId: design.id, connectionId: mine.connectionId });
  const elsewhere = await ensureDeployment(database, {
    designId: design.id,
    connectionId: (await storeConnection(database)).id,
  });
  for (const { id, connectionId } of [mine, neighbour, elsewhere]) {
    await recordIntended(database, { deploymentId: id, connectionId, objects: [intended('a'), intended(id)] });
  }
  await updateInventory(database, { deploymentId: neighbour.id, changes: [{ key: keyOf('a'), appliedDigest: 'abc' }] });
  const owners = await otherOwners(database, {
    connectionId: mine.connectionId,
    keys: [keyOf('a'), keyOf(mine.id)],
    exceptDeploymentId: mine.id,
  });
  expect(owners).toEqual([
    { key: keyOf('a'), deploymentId: neighbour.id, designName: 'neighbour', appliedDigest: 'abc' },
  ]);
});
