import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { Component } from '../../../../domain/design.ts';
import type { Database } from '../../../../infra/database/database.ts';
import { ensureDeployment } from '../../../../infra/database/deployments.ts';
import { addRevision, createDesign, deleteDesign, type StoredDesign } from '../../../../infra/database/designs.ts';
import { recordIntended } from '../../../../infra/database/inventory.ts';
import { compareModels } from '../../../../infra/database/registry/compare-models.ts';
import { listComponents } from '../../../../infra/database/registry/components.ts';
import { deleteModel } from '../../../../infra/database/registry/delete-model.ts';
import { listUsingDeployments, listUsingDesigns } from '../../../../infra/database/registry/model-usage.ts';
import { findModel, listModels, listModelVersions, requireModel } from '../../../../infra/database/registry/models.ts';
import { publishStaged } from '../../../../infra/database/registry/publish-staged.ts';
import { readSourceState } from '../../../../infra/database/registry/sources.ts';
import { setModelStatus } from '../../../../infra/database/registry/status.ts';
import { storeConnection, testDatabase } from '../database-fixture.ts';
import { beginModel, component, headOf, relationship, storeModel } from './registry-fixture.ts';

const issuer = component('Issuer');
const oneVersion = headOf({ name: 'cert-manager', version: 'v1.0.0' });
const nextVersion = headOf({ name: 'cert-manager', version: 'v1.1.0' });

type Declared = Pick<Component, 'model'> & { readonly kind: string };

function designDeclaring(...declared: readonly Declared[]) {
  return {
    name: 'shop',
    components: declared.map(({ kind, ...rest }, index) => ({
      name: `c${index}`,
      adapter: 'kubernetes' as const,
      dependsOn: [],
      object: { apiVersion: 'example.io/v1', kind, metadata: { name: `c${index}` } },
      ...rest,
    })),
  };
}

function store(database: Database, name: string, ...declared: readonly Declared[]): Promise<StoredDesign> {
  const design = designDeclaring(...declared);
  return createDesign(database, { name, format: 'slipway', source: '', design, findings: [], actor: 'ann' });
}

/** Makes a deployment own one object of the kind. */
async function deployOne(database: Database, designId: string, kind: string) {
  const { id: connectionId } = await storeConnection(database);
  const deployment = await ensureDeployment(database, { designId, connectionId });
  const reference = { apiVersion: 'example.io/v1', kind, name: 'one', namespace: 'shop' };
  await recordIntended(database, {
    deploymentId: deployment.id,
    connectionId,
    objects: [{ key: `example.io/${kind}/shop/one`, reference, component: 'one', revision: 1, created: true }],
  });
  return deployment;
}

async function usersOf(database: Database, reference: string) {
  const { id: modelId } = await requireModel(database, reference);
  const usingDesigns = await listUsingDesigns(database, { modelId });
  const usingDeployments = await listUsingDeployments(database, { modelId });
  return {
    designs: usingDesigns.items.map(({ name, componentCount, needed }) => [name, componentCount, needed]),
    deployments: usingDeployments.items.map(({ id, objectCount, needed }) => [id, objectCount, needed]),
  };
}

async function count(database: Database, table: string): Promise<number> {
  const [row] = await database.read((queries) =>
    queries.all<{ n: number }>(sql`select count(*) as n from ${sql.identifier(table)}`),
  );
  return row?.n ?? -1;
}

test('a model is deleted with all that only it holds', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: headOf({ name: 'other' }), members: [component('Shared')] });
  await storeModel(database, { head: oneVersion, members: [issuer, component('Shared'), relationship('a-b')] });
  expect(await deleteModel(database, { model: 'cert-manager' })).toEqual({ wasUsed: false });
  expect(await findModel(database, 'cert-manager')).toBeUndefined();
  expect((await listComponents(database, { q: 'issuer' })).items).toEqual([]);
  expect((await listModels(database, { q: 'cert' })).items).toEqual([]);
  for (const table of ['models', 'model_members', 'components', 'definitions', 'component_search', 'model_search']) {
    expect([table, await count(database, table)]).toEqual([table, 1]);
  }
  await expect(deleteModel(database, { model: 'cert-manager' })).rejects.toMatchObject({ code: 'notFound' });
});

test('the revision before a deleted one is the newest again, and the version before a deleted one', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: oneVersion, members: [issuer] });
  await storeModel(database, { head: nextVersion, members: [issuer] });
  await storeModel(database, { head: nextVersion, members: [issuer, component('Added')] });
  await deleteModel(database, { model: 'cert-manager' });
  expect(await findModel(database, 'cert-manager')).toMatchObject({ version: 'v1.1.0', revision: 1, latest: true });
  expect((await listComponents(database, { q: 'issuer', latest: true })).items).toHaveLength(1);
  expect((await listComponents(database, { q: 'added' })).items).toEqual([]);
  await deleteModel(database, { model: 'cert-manager' });
  expect(await findModel(database, 'cert-manager')).toMatchObject({ version: 'v1.0.0', current: true, latest: true });
});

test('a model that only a design or a deployment can do with is not deleted, unless forced', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: oneVersion, members: [issuer, component('Certificate')] });
  const design = await store(database, 'shop', { kind: 'Issuer' }, { kind: 'Issuer' }, { kind: 'Other' });
  const bare = await store(database, 'bare', { kind: 'Other' });
  const deployment = await deployOne(database, bare.id, 'Certificate');
  expect(await usersOf(database, 'cert-manager')).toEqual({
    designs: [['shop', 2, true]],
    deployments: [[deployment.id, 1, true]],
  });
  await expect(deleteModel(database, { model: 'cert-manager' })).rejects.toMatchObject({
    code: 'conflict',
    message: `cert-manager@v1.0.0 is used by design shop, deployment ${deployment.id}`,
  });
  expect((await listComponents(database, { q: 'issuer' })).items).toHaveLength(1);
  expect(await findModel(database, 'cert-manager')).toBeDefined();

  await deleteDesign(database, { id: design.id });
  await expect(deleteModel(database, { model: 'cert-manager' })).rejects.toMatchObject({ code: 'conflict' });
  expect(await deleteModel(database, { model: 'cert-manager', force: true })).toEqual({ wasUsed: true });
  expect(await findModel(database, 'cert-manager')).toBeUndefined();
});

test('a version is not needed while another one that may be used has the kind', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: oneVersion, members: [issuer] });
  await storeModel(database, { head: nextVersion, members: [issuer] });
  const design = await store(database, 'shop', { kind: 'Issuer' });
  const deployment = await deployOne(database, design.id, 'Issuer');
  expect(await usersOf(database, 'cert-manager@v1.0.0')).toEqual({
    designs: [['shop', 1, false]],
    deployments: [[deployment.id, 1, false]],
  });
  await setModelStatus(database, { model: 'cert-manager@v1.1.0', status: 'disabled' });
  await expect(deleteModel(database, { model: 'cert-manager@v1.0.0' })).rejects.toMatchObject({ code: 'conflict' });
  await setModelStatus(database, { model: 'cert-manager@v1.1.0', status: 'enabled' });
  await deleteModel(database, { model: 'cert-manager@v1.0.0' });
  await expect(deleteModel(database, { model: 'cert-manager' })).rejects.toMatchObject({ code: 'conflict' });
});

test('a design that names a model and version needs that one, whatever else has the kind', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: oneVersion, members: [issuer] });
  await storeModel(database, { head: nextVersion, members: [issuer] });
  await storeModel(database, { head: headOf({ name: 'other' }), members: [issuer] });
  await store(database, 'exact', { kind: 'Issuer', model: { name: 'cert-manager', version: 'v1.0.0' } });
  await store(database, 'named', { kind: 'Issuer', model: { name: 'cert-manager' } });
  expect((await usersOf(database, 'cert-manager@v1.0.0')).designs).toEqual([
    ['exact', 1, true],
    ['named', 1, false],
  ]);
  expect((await usersOf(database, 'cert-manager@v1.1.0')).designs).toEqual([['named', 1, false]]);
  expect((await usersOf(database, 'other')).designs).toEqual([]);
  await deleteModel(database, { model: 'other' });
  await deleteModel(database, { model: 'cert-manager@v1.1.0' });
  await expect(deleteModel(database, { model: 'cert-manager@v1.0.0' })).rejects.toMatchObject({ code: 'conflict' });
});

test('what a design declares follows its newest revision, and only that', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: oneVersion, members: [issuer] });
  const { id } = await store(database, 'shop', { kind: 'Issuer' });
  const update = (kind: string, expectedRevision: number) =>
    addRevision(database, {
      id,
      expectedRevision,
      design: designDeclaring({ kind }, { kind: 'Other' }),
      format: 'slipway',
      source: '',
      findings: [],
      actor: 'ann',
    });
  await update('Other', 1);
  expect((await usersOf(database, 'cert-manager')).designs).toEqual([]);
  const results = await Promise.allSettled([update('Issuer', 2), update('Another', 2)]);
  expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected']);
  expect((await usersOf(database, 'cert-manager')).designs).toEqual([['shop', 1, true]]);
  await deleteDesign(database, { id });
  expect((await usersOf(database, 'cert-manager')).designs).toEqual([]);
});

test('a design of 2,500 components is known by all of them', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: oneVersion, members: [issuer] });
  const { id } = await store(database, 'large', ...Array.from({ length: 2_500 }, () => ({ kind: 'Issuer' })));
  expect((await usersOf(database, 'cert-manager')).designs).toEqual([['large', 2_500, true]]);
  await deleteDesign(database, { id });
});

test('a source is read again after a model that came of it was deleted', async () => {
  const database = await testDatabase();
  const source = { kind: 'url', url: 'https://example.io/models.csv' } as const;
  const publishFrom = async (operationId: string, key: string) => {
    const place = { operationId, position: 0 };
    const model = await beginModel(database, { ...place, head: oneVersion });
    await model.add([issuer]);
    await model.seal();
    const state = { digest: 'a' };
    return publishStaged(database, { ...place, sourceState: { key, source, label: source.url, state } });
  };
  await publishFrom('op_1', 'first');
  // The second source brought nothing new, and still stands for the model.
  await publishFrom('op_2', 'second');
  expect(await readSourceState(database, 'second')).toEqual({ digest: 'a' });
  await deleteModel(database, { model: 'cert-manager' });
  expect(await readSourceState(database, 'first')).toBeUndefined();
  expect(await readSourceState(database, 'second')).toBeUndefined();
  expect((await publishFrom('op_3', 'first')).map(({ change }) => change)).toEqual(['added']);
});

test('two models are compared member by member', async () => {
  const database = await testDatabase();
  const same = component('Same');
  await storeModel(database, { head: oneVersion, members: [issuer, same, component('Old'), relationship('a-b')] });
  const changed = component('Issuer', { schema: { type: 'object', required: ['spec'] } });
  await storeModel(database, { head: nextVersion, members: [changed, same, component('New'), relationship('a-b')] });
  const { items } = await listModelVersions(database, { name: 'cert-manager' });
  const [after = '', before = ''] = items.map(({ id }) => id);
  const changes = await compareModels(database, { before, after });
  expect(changes.map(({ key, change }) => [key, change])).toEqual([
    ['Issuer@example.io/v1', 'changed'],
    ['New@example.io/v1', 'added'],
    ['Old@example.io/v1', 'removed'],
  ]);
  expect(changes.map((one) => [one.before === null, one.after === null])).toEqual([
    [false, false],
    [true, false],
    [false, true],
  ]);
  expect(await compareModels(database, { before, after: before })).toEqual([]);
});
