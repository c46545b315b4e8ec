import { expect, test } from 'vitest';
import { approvePlan, markPlanApplied, readPlan, savePlan } from '../../../infra/database/plans.ts';
import { plans } from '../../../infra/database/schema.ts';
import { testDatabase } from './database-fixture.ts';

const plan = {
  id: 'plan_1',
  operationId: 'op_1',
  deploymentId: 'dep_1',
  kind: 'deploy',
  revision: 2,
  body: { changes: [{ key: '/Secret/shop/db', action: 'create' }] },
} as const;

test('a plan is sealed, and read back as it was saved', async () => {
  const database = await testDatabase();
  const saved = await savePlan(database, plan);
  expect(saved).toMatchObject({ id: 'plan_1', kind: 'deploy', revision: 2, approvedAt: null, appliedAt: null });
  expect(await readPlan(database, 'plan_1')).toEqual({ ...saved, body: plan.body });
  expect(await readPlan(database, 'plan_0')).toBeUndefined();
  const [row] = await database.read((queries) => queries.select().from(plans));
  expect(row?.sealedBody.includes('Secret')).toBe(false);
});

test('the digest tells plans apart, whatever the order of their keys', async () => {
  const database = await testDatabase();
  const { digest } = await savePlan(database, { ...plan, body: { a: 1, b: 2 } });
  const { digest: same } = await savePlan(database, { ...plan, id: 'plan_2', body: { b: 2, a: 1 } });
  const { digest: other } = await savePlan(database, { ...plan, id: 'plan_3', body: { a: 1, b: 3 } });
  expect(same).toBe(digest);
  expect(other).not.toBe(digest);
});

test('saving a plan again replaces it, but not one that was approved', async () => {
  const database = await testDatabase();
  await savePlan(database, plan);
  await savePlan(database, { ...plan, body: { changed: true } });
  expect(await readPlan(database, 'plan_1')).toMatchObject({ body: { changed: true } });
  const approved = await approvePlan(database, { id: 'plan_1', actor: 'ann' });
  expect(approved).toMatchObject({ approvedBy: 'ann' });
  await savePlan(database, plan);
  expect(await readPlan(database, 'plan_1')).toMatchObject({ body: { changed: true } });
});

test('the first approval of a plan stays', async () => {
  const database = await testDatabase();
  await savePlan(database, plan);
  const first = await approvePlan(database, { id: 'plan_1', actor: 'ann' });
  expect(await approvePlan(database, { id: 'plan_1', actor: 'bob' })).toEqual(first);
  await expect(approvePlan(database, { id: 'plan_0', actor: 'bob' })).rejects.toMatchObject({ code: 'notFound' });
});

test('a plan is applied once, and a repetition by the same operation is no conflict', async () => {
  const database = await testDatabase();
  await savePlan(database, plan);
  await markPlanApplied(database, { id: 'plan_1', operationId: 'op_2' });
  await markPlanApplied(database, { id: 'plan_1', operationId: 'op_2' });
  await expect(markPlanApplied(database, { id: 'plan_1', operationId: 'op_3' })).rejects.toMatchObject({
    code: 'conflict',
    details: { operationId: 'op_2' },
  });
  await expect(markPlanApplied(database, { id: 'plan_0', operationId: 'op_3' })).rejects.toMatchObject({
    code: 'notFound',
  });
});
