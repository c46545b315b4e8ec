import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import { digestOf } from '../../../../infra/digest.ts';
import type { Database } from '../../../../infra/database/database.ts';
import { countComponents, findComponent, listComponents } from '../../../../infra/database/registry/components.ts';
import { deleteModel } from '../../../../infra/database/registry/delete-model.ts';
import { membersOf, readDefinition } from '../../../../infra/database/registry/members.ts';
import { findModel, listModels, listModelVersions } from '../../../../infra/database/registry/models.ts';
import { publishStaged } from '../../../../infra/database/registry/publish-staged.ts';
import { listRelationships } from '../../../../infra/database/registry/relationships.ts';
import { readSourceState } from '../../../../infra/database/registry/sources.ts';
import { discardStaged } from '../../../../infra/database/registry/staged.ts';
import {
  setComponentStatus,
  setModelStatus,
  setRelationshipStatus,
} from '../../../../infra/database/registry/status.ts';
import { testDatabase } from '../database-fixture.ts';
import { beginModel, component, headOf, installationOf, relationship, storeModel } from './registry-fixture.ts';

const registryTables = [
  'definitions',
  'models',
  'model_members',
  'components',
  'relationships',
  'installed_kinds',
  'component_search',
  'model_search',
];

/** How many rows each table of the registry has. */
async function countRows(database: Database): Promise<Record<string, unknown>> {
  const counts = registryTables.map(
    (table) => sql`(select count(*) from ${sql.identifier(table)}) as ${sql.identifier(table)}`,
  );
  const [row] = await database.read((queries) =>
    queries.all<Record<string, unknown>>(sql`select ${sql.join(counts, sql`, `)}`),
  );
  return row ?? {};
}

async function totalChanges(database: Database): Promise<number> {
  const [row] = await database.read((queries) => queries.all<{ n: number }>(sql`select total_changes() as n`));
  return row?.n ?? 0;
}

async function collect<T>(items: AsyncIterable<T>): Promise<readonly T[]> {
  const collected: T[] = [];
  for await (const item of items) collected.push(item);
  return collected;
}

const certManager = headOf({ name: 'cert-manager', version: 'v1.17.1', category: 'Security & Compliance' });
const members = [
  component('Issuer'),
  component('ClusterIssuer', { scope: 'cluster' }),
  relationship('issuer-secret'),
  installationOf({ group: 'example.io', kinds: ['Issuer', 'ClusterIssuer'] }),
];

test('what is staged is not seen before it is published, and all of it after', async () => {
  const database = await testDatabase();
  const model = await beginModel(database, { operationId: 'op_1', head: certManager });
  await model.add(members);
  const sealed = await model.seal();
  expect(sealed).toMatchObject({ componentCount: 2, relationshipCount: 1 });
  expect(await findModel(database, model.id)).toBeUndefined();
  expect((await listModels(database, { q: 'cert' })).items).toEqual([]);
  expect((await listComponents(database, { operationId: 'op_1' })).items).toEqual([]);
  expect(await countComponents(database)).toBe(0);
  expect((await listRelationships(database)).items).toEqual([]);

  expect(await publishStaged(database, { operationId: 'op_1', position: 0 })).toEqual([
    {
      name: 'cert-manager',
      version: 'v1.17.1',
      definitionVersion: 'v1.0.0',
      change: 'added',
      componentCount: 2,
      relationshipCount: 1,
      rejectedCount: 0,
    },
  ]);
  expect(await findModel(database, 'cert-manager')).toMatchObject({
    id: model.id,
    revision: 1,
    contentDigest: sealed.contentDigest,
    latest: true,
    current: true,
    status: 'enabled',
    registrant: { kind: 'manual', address: '' },
    operationId: 'op_1',
    source: 'a test',
    actor: 'ann',
    componentCount: 2,
  });
  expect((await listComponents(database, { q: 'issuer' })).items).toHaveLength(2);
});

test('definitions come back as they were given, under the digest of their canonical JSON', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members });
  const model = await findModel(database, 'cert-manager');
  const read = await collect(membersOf(database, { modelId: model?.id ?? '' }));
  expect(read.map(({ type, key }) => `${type} ${key}`)).toEqual([
    'component ClusterIssuer@example.io/v1',
    'component Issuer@example.io/v1',
    'installation installation',
    'relationship issuer-secret',
  ]);
  const definitionOf = new Map(members.map(({ definition }) => [digestOf(definition), definition]));
  for (const { digest, definition } of read) expect(definition).toEqual(definitionOf.get(digest));
  const [first] = read;
  expect(await readDefinition(database, first?.digest ?? '')).toEqual(first?.definition);
  await expect(readDefinition(database, 'none')).rejects.toMatchObject({ code: 'notFound' });
});

test('the same content again writes nothing but that it was looked at', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members });
  const before = await countRows(database);
  const changesBefore = await totalChanges(database);
  const again = await storeModel(database, { head: certManager, members: members.toReversed() });
  expect(again).toMatchObject({ change: 'unchanged', definitionVersion: 'v1.0.0', componentCount: 2 });
  expect(await countRows(database)).toEqual(before);
  // The outcome is staged, and decided.
  expect((await totalChanges(database)) - changesBefore).toBe(2);
});

test('another definition version is no other content', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members });
  const again = await storeModel(database, { head: headOf(certManager.model, 'v2.0.0'), members });
  expect(again).toMatchObject({ change: 'unchanged', definitionVersion: 'v1.0.0' });
});

test('another content under the same version is the next revision, and keeps the old one', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members });
  const changed = [component('Issuer', { schema: { type: 'object', title: 'changed' } }), ...members.slice(1)];
  expect(await storeModel(database, { head: certManager, members: changed })).toMatchObject({
    change: 'changed',
    definitionVersion: 'v1.0.1',
  });
  expect(await storeModel(database, { head: certManager, members })).toMatchObject({
    change: 'changed',
    definitionVersion: 'v1.0.2',
  });
  const { items } = await listModelVersions(database, { name: 'cert-manager' });
  expect(items.map(({ revision, current, latest }) => [revision, current, latest])).toEqual([
    [3, true, true],
    [2, false, false],
    [1, false, false],
  ]);
  expect((await listComponents(database, { q: 'issuer' })).items.map(({ model }) => model.revision)).toEqual([3, 3]);
  const second = await findModel(database, 'cert-manager@v1.17.1#2');
  expect(await collect(membersOf(database, { modelId: second?.id ?? '' }))).toHaveLength(4);
});

test('a changed model is stored as a whole although only what changed was sent', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members: [...members, component('Gone')] });
  const before = await countRows(database);
  const changed = [...members.slice(1), component('Issuer', { description: 'changed' }), component('Added')];
  await storeModel(database, { head: certManager, members: changed });
  const after = await countRows(database);
  expect(Number(after['definitions']) - Number(before['definitions'])).toBe(2);
  const model = await findModel(database, 'cert-manager');
  const read = await collect(membersOf(database, { modelId: model?.id ?? '' }));
  expect(read.map(({ digest }) => digest).toSorted()).toEqual(
    changed.map(({ definition }) => digestOf(definition)).toSorted(),
  );
  expect((await listComponents(database, { model: 'cert-manager' })).items.map(({ kind }) => kind)).toEqual([
    'Added',
    'ClusterIssuer',
    'Issuer',
  ]);
  expect((await listRelationships(database, { model: 'cert-manager' })).items).toHaveLength(1);
});

test('a change of what the model says of itself is another content', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members });
  const renamed = headOf({ ...certManager.model, displayName: 'Cert Manager' });
  expect(await storeModel(database, { head: renamed, members })).toMatchObject({ change: 'changed' });
  expect(await findModel(database, 'cert-manager')).toMatchObject({ displayName: 'Cert Manager', componentCount: 2 });
});

test('a member that is there twice is refused', async () => {
  const database = await testDatabase();
  const model = await beginModel(database, { head: certManager });
  await model.add([component('Issuer')]);
  await expect(model.add([component('Issuer', { description: 'another' })])).rejects.toMatchObject({
    code: 'invalid',
    message: 'cert-manager@v1.17.1 has two components Issuer@example.io/v1',
  });
});

test('several models of a source are published at once, and published again give the same answer', async () => {
  const database = await testDatabase();
  const place = { operationId: 'op_1', position: 3 };
  for (const name of ['b', 'a']) {
    const model = await beginModel(database, { ...place, head: headOf({ name }) });
    await model.add([component('Thing')]);
    await model.seal({ rejectedCount: 2 });
  }
  const first = await publishStaged(database, { ...place, modelCount: 2 });
  expect(first.map(({ name, change, rejectedCount }) => [name, change, rejectedCount])).toEqual([
    ['a', 'added', 2],
    ['b', 'added', 2],
  ]);
  const rows = await countRows(database);
  expect(await publishStaged(database, { ...place, modelCount: 2 })).toEqual(first);
  expect(await countRows(database)).toEqual(rows);
});

test('a try after the one that published says what that one said', async () => {
  const database = await testDatabase();
  const place = { operationId: 'op_1', position: 0 };
  const first = await storeModel(database, { ...place, head: certManager, members });
  await discardStaged(database, place);
  expect(await storeModel(database, { ...place, head: certManager, members })).toEqual(first);
  expect(first.change).toBe('added');
});

test('nothing is published while something is not whole', async () => {
  const database = await testDatabase();
  const place = { operationId: 'op_1', position: 0 };
  const whole = await beginModel(database, { ...place, head: headOf({ name: 'whole' }) });
  await whole.add([component('Thing')]);
  await whole.seal();
  await expect(publishStaged(database, { ...place, modelCount: 2 })).rejects.toMatchObject({ code: 'unavailable' });
  const half = await beginModel(database, { ...place, head: headOf({ name: 'half' }) });
  await half.add(Array.from({ length: 501 }, (_, index) => component(`Thing${index}`)));
  await expect(publishStaged(database, place)).rejects.toMatchObject({ code: 'unavailable' });
  expect((await listModels(database)).items).toEqual([]);
  await half.seal();
  expect(await publishStaged(database, { ...place, modelCount: 2 })).toHaveLength(2);
});

test('discarding a stage takes away all that it wrote, and nothing that others hold', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: headOf({ name: 'kept' }), members: [component('Shared')] });
  const before = await countRows(database);
  const place = { operationId: 'op_1', position: 0 };
  const sealed = await beginModel(database, { ...place, head: certManager });
  await sealed.add([...members, component('Shared')]);
  await sealed.seal();
  const open = await beginModel(database, { ...place, position: 1, head: headOf({ name: 'open' }) });
  await open.add(Array.from({ length: 600 }, (_, index) => component(`Thing${index}`)));
  await discardStaged(database, { operationId: 'op_1' });
  expect(await countRows(database)).toEqual(before);
  expect(await publishStaged(database, place)).toEqual([]);
  await expect(open.seal()).rejects.toMatchObject({ code: 'unavailable' });
  expect(await countRows(database)).toEqual(before);
});

test('a body that goes while a run counts on it is sent again', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: headOf({ name: 'other' }), members: [component('Shared')] });
  const model = await beginModel(database, { operationId: 'op_1', head: certManager });
  await model.add([component('Shared')]);
  // The seal asks first which bodies are there; the delete comes between its question and its write.
  const sealing = model.seal();
  await Promise.all([sealing, deleteModel(database, { model: 'other' })]);
  await publishStaged(database, { operationId: 'op_1', position: 0 });
  const stored = await findComponent(database, 'cert-manager@v1.17.1/Shared');
  expect(await readDefinition(database, stored?.digest ?? '')).toMatchObject({ kind: 'Shared' });
});

test('a revision that is deleted while another try copies from it makes that try begin anew', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members });
  const changed = await beginModel(database, { operationId: 'op_1', head: certManager });
  await changed.add([...members, component('Added')]);
  const unchanged = await beginModel(database, { operationId: 'op_2', head: certManager });
  await unchanged.add(members);
  await unchanged.seal();
  await deleteModel(database, { model: 'cert-manager' });
  await expect(changed.seal()).rejects.toMatchObject({ code: 'unavailable' });
  await expect(publishStaged(database, { operationId: 'op_2', position: 0 })).rejects.toMatchObject({
    code: 'unavailable',
  });
  await discardStaged(database, { operationId: 'op_2' });
  expect(await storeModel(database, { operationId: 'op_2', head: certManager, members })).toMatchObject({
    change: 'added',
  });
});

test('of two runs that stage the same new content, the second finds it unchanged', async () => {
  const database = await testDatabase();
  const stages = await Promise.all(
    ['op_1', 'op_2'].map(async (operationId) => {
      const model = await beginModel(database, { operationId, head: certManager });
      await model.add(members);
      await model.seal();
      return operationId;
    }),
  );
  const outcomes = await Promise.all(
    stages.map((operationId) => publishStaged(database, { operationId, position: 0 })),
  );
  expect(outcomes.flat().map(({ change }) => change)).toEqual(['added', 'unchanged']);
  expect((await listModelVersions(database, { name: 'cert-manager' })).items).toHaveLength(1);
  expect(await countRows(database)).toMatchObject({ models: 1, components: 2, component_search: 2, definitions: 4 });
});

test('what people said of a model and its members holds for the next revision', async () => {
  const database = await testDatabase();
  await storeModel(database, { head: certManager, members });
  await setModelStatus(database, { model: 'cert-manager', status: 'ignored' });
  await setComponentStatus(database, { component: 'cert-manager@v1.17.1/Issuer@example.io/v1', status: 'deprecated' });
  await setRelationshipStatus(database, { relationship: 'cert-manager@v1.17.1/issuer-secret', status: 'disabled' });
  await storeModel(database, { head: certManager, members: [...members, component('Added')] });
  expect(await findModel(database, 'cert-manager')).toMatchObject({ revision: 2, status: 'ignored' });
  const { items } = await listComponents(database, { model: 'cert-manager' });
  expect(items.map(({ kind, status }) => [kind, status])).toEqual([
    ['Added', 'enabled'],
    ['ClusterIssuer', 'enabled'],
    ['Issuer', 'deprecated'],
  ]);
  expect((await listRelationships(database)).items.map(({ status }) => status)).toEqual(['disabled']);
  expect((await listComponents(database, { status: 'enabled' })).items).toEqual([]);
});

test('a model of 20,000 components is stored, found and replaced', async () => {
  const database = await testDatabase();
  const many = Array.from({ length: 20_000 }, (_, index) => component(`Kind${index}`));
  const head = headOf({ name: 'large' });
  expect(await storeModel(database, { head, members: many })).toMatchObject({
    change: 'added',
    componentCount: 20_000,
  });
  expect(await storeModel(database, { head, members: many })).toMatchObject({ change: 'unchanged' });
  expect(await storeModel(database, { head, members: many.slice(1) })).toMatchObject({ change: 'changed' });
  expect(await countComponents(database, { model: 'large' })).toBe(19_999);
  expect((await listComponents(database, { q: 'kind19999' })).items).toHaveLength(1);
});

test('the state of a source is recorded with what came of it', async () => {
  const database = await testDatabase();
  const place = { operationId: 'op_1', position: 0 };
  const model = await beginModel(database, { ...place, head: certManager });
  await model.add(members);
  await model.seal();
  const source = { kind: 'url', url: 'https://example.io/models.csv' } as const;
  const sourceState = { key: 'k', source, label: source.url, state: { etag: '"1"' } };
  await expect(publishStaged(database, { ...place, modelCount: 9, sourceState })).rejects.toMatchObject({
    code: 'unavailable',
  });
  expect(await readSourceState(database, 'k')).toBeUndefined();
  await publishStaged(database, { ...place, sourceState });
  expect(await readSourceState(database, 'k')).toEqual({ etag: '"1"' });
});
