import { expect, test } from 'vitest';
import { acceptOperation } from '../../../infra/database/accept-operation.ts';
import type { Database } from '../../../infra/database/database.ts';
import {
  deleteDeployment,
  ensureDeployment,
  findDeployment,
  hasHeldObjects,
  listDeployments,
  releaseDeployment,
  requireDeployment,
  setDeploymentState,
} from '../../../infra/database/deployments.ts';
import { recordIntended } from '../../../infra/database/inventory.ts';
import { insertSteps } from '../../../infra/database/operation-steps.ts';
import { updateSteps } from '../../../infra/database/transitions.ts';
import { configMap, storeConnection, storeDeployment, storeDesign, testDatabase } from './database-fixture.ts';

function deploy(database: Database, deploymentId: string, queue = false) {
  return acceptOperation(database, { kind: 'deploy', actor: 'ann', deploymentId, options: {}, queue });
}

test('a design has one deployment on a connection, however often and at once it is asked for', async () => {
  const database = await testDatabase();
  const design = await storeDesign(database, 'shop');
  const connection = await storeConnection(database, 'prod');
  const place = { designId: design.id, connectionId: connection.id };
  const deployments = await Promise.all([1, 2, 3].map(() => ensureDeployment(database, place)));
  expect(new Set(deployments.map(({ id }) => id)).size).toBe(1);
  expect(deployments[0]).toMatchObject({
    ...place,
    designName: 'shop',
    connectionName: 'prod',
    state: 'new',
    revision: null,
    operationId: null,
    objectCount: 0,
  });
});

test('a deployment of a design that is not there is refused', async () => {
  const database = await testDatabase();
  const { id: connectionId } = await storeConnection(database);
  await expect(ensureDeployment(database, { designId: 'dsn_0', connectionId })).rejects.toMatchObject({
    code: 'notFound',
  });
});

test('a deployment counts the objects that it owns', async () => {
  const database = await testDatabase();
  const { id, connectionId } = await storeDeployment(database);
  const objects = ['a', 'b'].map((name) => ({
    key: `/ConfigMap/shop/${name}`,
    reference: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
    component: name,
    revision: 1,
    created: true,
    original: configMap(name),
  }));
  await recordIntended(database, { deploymentId: id, connectionId, objects });
  expect(await findDeployment(database, id)).toMatchObject({ objectCount: 2 });
});

test('deployments are listed newest first, filtered by design, connection and state', async () => {
  const database = await testDatabase();
  const first = await storeDeployment(database);
  const second = await storeDeployment(database);
  await setDeploymentState(database, { id: second.id, from: ['new'], to: 'live', revision: 1 });
  const idsOf = async (filter: Parameters<typeof listDeployments>[1]) =>
    (await listDeployments(database, filter)).items.map(({ id }) => id);
  await setDeploymentState(database, { id: first.id, from: ['new'], to: 'undeployed' });
  expect(await idsOf({})).toEqual([second.id, first.id]);
  expect(await idsOf({ designId: first.designId })).toEqual([first.id]);
  expect(await idsOf({ connectionId: second.connectionId })).toEqual([second.id]);
  expect(await idsOf({ state: 'live' })).toEqual([second.id]);
  expect(await idsOf({ state: 'live', designId: first.designId })).toEqual([]);
  const { nextCursor } = await listDeployments(database, { limit: 1 });
  expect(await idsOf({ limit: 1, cursor: nextCursor ?? '' })).toEqual([first.id]);
});

test('a deployment that never held anything is listed while an operation holds it, or where its state is asked for', async () => {
  const database = await testDatabase();
  const { id } = await storeDeployment(database);
  const countOf = async (filter: Parameters<typeof listDeployments>[1]) =>
    (await listDeployments(database, filter)).items.length;
  expect(await countOf({})).toBe(0);
  expect(await countOf({ state: 'new' })).toBe(1);
  const { id: operationId } = await deploy(database, id);
  expect(await countOf({})).toBe(1);
  await releaseDeployment(database, operationId);
  expect(await countOf({})).toBe(0);
});

test('a deployment has held objects once an operation has begun to apply one', async () => {
  const database = await testDatabase();
  const { id } = await storeDeployment(database);
  const { id: operationId } = await deploy(database, id);
  const place = { operationId, phase: 'apply' } as const;
  const reference = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'a' };
  const step = {
    position: 0,
    key: '/ConfigMap/shop/a',
    reference,
    component: 'a',
    stage: 1,
    state: 'waiting',
  } as const;
  await insertSteps(database, { ...place, steps: [step] });
  expect(await hasHeldObjects(database, id)).toBe(false);
  await updateSteps(database, { ...place, steps: [{ position: 0, state: 'failed' }] });
  expect(await hasHeldObjects(database, id)).toBe(true);
});

test('a deployment changes its state only from the states that are named, and repeating the change is no conflict', async () => {
  const database = await testDatabase();
  const { id } = await storeDeployment(database);
  await expect(setDeploymentState(database, { id, from: ['deploying'], to: 'live' })).rejects.toMatchObject({
    code: 'conflict',
    details: { state: 'new' },
  });
  await setDeploymentState(database, { id, from: ['new'], to: 'deploying' });
  await setDeploymentState(database, { id, from: ['deploying'], to: 'live', revision: 3 });
  await setDeploymentState(database, { id, from: ['deploying'], to: 'live', revision: 3 });
  expect(await findDeployment(database, id)).toMatchObject({ state: 'live', revision: 3 });
  await setDeploymentState(database, { id, from: ['live'], to: 'undeploying' });
  expect(await findDeployment(database, id)).toMatchObject({ revision: 3 });
  await setDeploymentState(database, { id, to: 'undeployed', revision: null });
  expect(await findDeployment(database, id)).toMatchObject({ state: 'undeployed', revision: null });
  await expect(setDeploymentState(database, { id: 'dep_0', to: 'live' })).rejects.toMatchObject({ code: 'notFound' });
});

test('only a deployment that is in no cluster and in no operation is deleted', async () => {
  const database = await testDatabase();
  const { id } = await storeDeployment(database);
  const { id: operationId } = await deploy(database, id);
  await expect(deleteDeployment(database, id)).rejects.toMatchObject({ code: 'conflict', details: { operationId } });
  await releaseDeployment(database, operationId);
  await setDeploymentState(database, { id, to: 'live' });
  await expect(deleteDeployment(database, id)).rejects.toMatchObject({ code: 'conflict', details: { state: 'live' } });
  await setDeploymentState(database, { id, to: 'undeployed' });
  await deleteDeployment(database, id);
  await expect(deleteDeployment(database, id)).rejects.toMatchObject({ code: 'notFound' });
});

test('a released deployment goes to the operation that waits longest, and only its holder releases it', async () => {
  const database = await testDatabase();
  const { id } = await storeDeployment(database);
  const holder = await deploy(database, id);
  const second = await deploy(database, id, true);
  const third = await deploy(database, id, true);
  await releaseDeployment(database, third.id);
  expect(await requireDeployment(database, id)).toMatchObject({ operationId: holder.id });
  await releaseDeployment(database, holder.id);
  expect(await requireDeployment(database, id)).toMatchObject({ operationId: second.id });
  await releaseDeployment(database, holder.id);
  expect(await requireDeployment(database, id)).toMatchObject({ operationId: second.id });
});
