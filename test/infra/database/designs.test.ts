import { expect, test } from 'vitest';
import { ensureDeployment, findDeployment, setDeploymentState } from '../../../infra/database/deployments.ts';
import {
  addRevision,
  createDesign,
  deleteDesign,
  findDesign,
  listDesigns,
  listRevisions,
  readRevision,
} from '../../../infra/database/designs.ts';
import { designRevisions } from '../../../infra/database/schema.ts';
import { designOf, storeConnection, storeDeployment, storeDesign, testDatabase } from './database-fixture.ts';

const update = {
  format: 'slipway',
  source: 'changed',
  design: designOf('web', 'db'),
  findings: [],
  actor: 'bob',
} as const;

test('a design is found by id and by name, and its revision gives the text and the design back', async () => {
  const database = await testDatabase();
  const finding = { severity: 'note', code: 'x', message: 'a note' } as const;
  const stored = await createDesign(database, { ...update, name: 'shop', findings: [finding] });
  expect(stored).toMatchObject({
    name: 'shop',
    revision: 1,
    componentCount: 2,
    format: 'slipway',
    findings: [finding],
  });
  expect(await findDesign(database, stored.id)).toEqual(stored);
  expect(await findDesign(database, 'shop')).toEqual(stored);
  expect(await findDesign(database, 'other')).toBeUndefined();
  expect(await readRevision(database, { id: stored.id, revision: 1 })).toMatchObject({
    source: 'changed',
    design: update.design,
    actor: 'bob',
  });
});

test('the name of a design is taken once', async () => {
  const database = await testDatabase();
  await storeDesign(database, 'shop');
  await expect(storeDesign(database, 'shop')).rejects.toMatchObject({ code: 'conflict' });
  expect((await listDesigns(database)).items).toHaveLength(1);
});

test('sources and designs are sealed in the database', async () => {
  const database = await testDatabase();
  await createDesign(database, { ...update, name: 'shop', source: 'a password in a manifest' });
  const [row] = await database.read((queries) => queries.select().from(designRevisions));
  expect(row?.sealedSource.includes('password')).toBe(false);
  expect(row?.sealedDesign.includes('ConfigMap')).toBe(false);
});

test('an update makes a new revision and keeps the old', async () => {
  const database = await testDatabase();
  const { id } = await storeDesign(database, 'shop');
  const updated = await addRevision(database, { id, expectedRevision: 1, ...update });
  expect(updated).toMatchObject({ id, revision: 2, componentCount: 2 });
  expect((await readRevision(database, { id, revision: 1 })).design.components).toHaveLength(1);
  const { items } = await listRevisions(database, { id });
  expect(items.map(({ revision, actor }) => [revision, actor])).toEqual([
    [2, 'bob'],
    [1, 'ann'],
  ]);
});

test('an update that changes nothing makes no revision, whatever the order of its keys', async () => {
  const database = await testDatabase();
  const stored = await storeDesign(database, 'shop');
  const { name, components } = designOf('web');
  const unchanged = await addRevision(database, {
    ...update,
    id: stored.id,
    expectedRevision: 1,
    design: { components, name },
  });
  expect(unchanged).toEqual(stored);
});

test('an update of a revision that is not the newest is refused with the newest', async () => {
  const database = await testDatabase();
  const { id } = await storeDesign(database);
  await addRevision(database, { id, expectedRevision: 1, ...update });
  await expect(addRevision(database, { id, expectedRevision: 1, ...update })).rejects.toMatchObject({
    code: 'preconditionFailed',
    details: { revision: 2 },
  });
  await expect(addRevision(database, { id: 'dsn_0', expectedRevision: 1, ...update })).rejects.toMatchObject({
    code: 'notFound',
  });
});

test('of many updates of one revision at once exactly one wins', async () => {
  const database = await testDatabase();
  const { id } = await storeDesign(database);
  const names = ['a', 'b', 'c', 'd', 'e'];
  const results = await Promise.allSettled(
    names.map((name) => addRevision(database, { ...update, id, expectedRevision: 1, design: designOf(name) })),
  );
  const lost = results.filter((result) => result.status === 'rejected');
  expect(lost.map(({ reason }) => reason)).toEqual(
    names.slice(1).map(() => expect.objectContaining({ code: 'preconditionFailed' })),
  );
  expect((await listRevisions(database, { id })).items).toHaveLength(2);
});

test('designs are listed by name, page after page, each once', async () => {
  const database = await testDatabase();
  const names = ['a', 'b', 'c', 'd', 'e'];
  for (const name of names.toReversed()) await storeDesign(database, name);
  const first = await listDesigns(database, { limit: 2 });
  const second = await listDesigns(database, { limit: 2, cursor: first.nextCursor ?? '' });
  const third = await listDesigns(database, { limit: 2, cursor: second.nextCursor ?? '' });
  const pages = [first, second, third];
  expect(pages.flatMap(({ items }) => items.map(({ name }) => name))).toEqual(names);
  expect(third.nextCursor).toBeNull();
});

test.each(['', 'x', 'e30', 'bnVsbA'])('the cursor %j, which no list gave, is refused', async (cursor) => {
  await expect(listDesigns(await testDatabase(), { cursor })).rejects.toMatchObject({ code: 'invalid' });
});

test('a design is deleted with its revisions and the records of its ended deployments', async () => {
  const database = await testDatabase();
  const { id, designId } = await storeDeployment(database);
  await setDeploymentState(database, { id, from: ['new'], to: 'undeployed' });
  await deleteDesign(database, { id: designId });
  expect(await findDesign(database, designId)).toBeUndefined();
  expect(await findDeployment(database, id)).toBeUndefined();
  expect((await listRevisions(database, { id: designId })).items).toEqual([]);
});

test('a deployed design is not deleted, nor are its ended deployments', async () => {
  const database = await testDatabase();
  const live = await storeDeployment(database);
  const other = await storeConnection(database);
  const ended = await ensureDeployment(database, { designId: live.designId, connectionId: other.id });
  await setDeploymentState(database, { id: live.id, from: ['new'], to: 'live', revision: 1 });
  await expect(deleteDesign(database, { id: live.designId })).rejects.toMatchObject({
    code: 'conflict',
    details: { deploymentId: live.id, deploymentCount: 1 },
  });
  expect(await findDeployment(database, ended.id)).toEqual(ended);
});

test('a design is not deleted, nor its deployments, when it has moved on from the revision that was seen', async () => {
  const database = await testDatabase();
  const { id, designId } = await storeDeployment(database);
  await addRevision(database, { id: designId, expectedRevision: 1, ...update });
  await expect(deleteDesign(database, { id: designId, expectedRevision: 1 })).rejects.toMatchObject({
    code: 'preconditionFailed',
  });
  expect(await findDeployment(database, id)).toBeDefined();
  await deleteDesign(database, { id: designId, expectedRevision: 2 });
  await expect(deleteDesign(database, { id: designId })).rejects.toMatchObject({ code: 'notFound' });
});
