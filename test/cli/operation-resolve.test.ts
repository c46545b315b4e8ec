import { beforeEach, expect, test } from 'vitest';
import { appendEvents } from '../../infra/database/events.ts';
import { insertSteps, type NewStep } from '../../infra/database/operation-steps.ts';
import { readChoices } from '../../infra/database/progress.ts';
import { deploy, serveTestApi, storeTarget, type TestApi, token } from '../api/api-fixture.ts';
import { newEvent } from '../api/new-event.ts';
import { slipway } from './shell-fixture.ts';

let api: TestApi & { readonly url: string };
let operationId: string;

function step(position: number, fields: Pick<NewStep, 'key' | 'reference' | 'state'>): NewStep {
  return { position, component: 'settings', stage: 1, action: 'delete', ...fields };
}

const held = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'held' };
const gone = { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: 'gone' };

/** An operation as it is while it waits for a ConfigMap to go. No worker is there to end it. */
beforeEach(async () => {
  api = await serveTestApi();
  operationId = (await deploy(api, await storeTarget(api))).id;
  const steps = [
    step(0, { key: '/ConfigMap/shop/held', reference: held, state: 'deleting' }),
    step(1, { key: '/ConfigMap/shop/gone', reference: gone, state: 'gone' }),
    step(2, {
      key: 'a.example/Thing/shop/x',
      reference: { ...held, apiVersion: 'a.example/v1', kind: 'Thing' },
      state: 'deleting',
    }),
    step(3, {
      key: 'b.example/Thing/shop/x',
      reference: { ...held, apiVersion: 'b.example/v1', kind: 'Thing' },
      state: 'deleting',
    }),
  ];
  await insertSteps(api.database, { operationId, phase: 'prune', steps });
});

function resolve(...args: readonly string[]) {
  const env = { SLIPWAY_SERVER: api.url, SLIPWAY_TOKEN: token };
  return slipway(['operation', 'resolve', operationId, ...args], { env });
}

async function choices() {
  const entries = await readChoices(api.database, { operationId, after: 0 });
  return entries.map(({ change }) => (change.type === 'choice' ? change.choice : undefined));
}

async function diagnose(finalizers: readonly string[]): Promise<void> {
  const details = { key: '/ConfigMap/shop/held', phase: 'prune', finalizers: [...finalizers] };
  await appendEvents(api.database, [newEvent('evt_stuck', { action: 'resolve', operationId, details })]);
}

test('who waits longer or skips is recorded with the object, the time and the reason', async () => {
  const waited = await resolve('--object', 'ConfigMap shop/held', '--choice', 'wait', '--for', '30m');
  expect(waited).toMatchObject({ code: 0, stdout: '' });
  expect(waited.stderr).toContain(`slipway operation watch ${operationId}`);
  expect((await resolve('--object', '/ConfigMap/shop/held', '--choice', 'skip', '--reason', 'later')).code).toBe(0);
  const common = { phase: 'prune', key: '/ConfigMap/shop/held', object: 'ConfigMap shop/held' };
  expect(await choices()).toEqual([
    { ...common, choice: 'wait', seconds: 1800, actor: expect.any(String) },
    { ...common, choice: 'skip', reason: 'later', actor: expect.any(String) },
  ]);
});

test('finalizers are removed only when they were diagnosed, and only with a confirmation', async () => {
  const remove = ['--object', 'ConfigMap shop/held', '--choice', 'remove-finalizers'];
  expect((await resolve(...remove)).code).toBe(2);
  expect((await resolve(...remove, '--yes')).code).toBe(5);
  await diagnose(['example.com/a', 'example.com/b']);
  expect((await resolve(...remove, '--yes', '--finalizer', 'example.com/c')).code).toBe(2);
  expect(await choices()).toEqual([]);
  expect((await resolve(...remove, '--yes', '--finalizer', 'example.com/a')).code).toBe(0);
  expect((await resolve(...remove, '--yes')).code).toBe(0);
  expect((await choices()).map((choice) => choice?.finalizers)).toEqual([
    ['example.com/a'],
    ['example.com/a', 'example.com/b'],
  ]);
});

test('what is gone, unknown or means two objects is refused', async () => {
  expect((await resolve('--object', 'ConfigMap shop/gone', '--choice', 'skip')).code).toBe(5);
  expect((await resolve('--object', 'Secret shop/held', '--choice', 'skip')).code).toBe(5);
  const ambiguous = await resolve('--object', 'Thing shop/held', '--choice', 'skip');
  expect(ambiguous.code).toBe(2);
  expect(ambiguous.stderr).toContain('a.example/Thing/shop/x, b.example/Thing/shop/x');
  expect((await resolve('--object', 'a.example/Thing/shop/x', '--choice', 'skip')).code).toBe(0);
  expect((await resolve('--object', 'ConfigMap shop/held')).code).toBe(2);
});
