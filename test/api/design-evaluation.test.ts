import { expect, test } from 'vitest';
import { evaluationSchema } from '../../domain/relationship/evaluation.ts';
import { setRelationshipStatus } from '../../infra/database/registry/status.ts';
import { seedBuiltInModel } from '../../infra/registry/built-in/seed.ts';
import { createTestApi, json, problemOf, yaml } from './api-fixture.ts';

const source = `
apiVersion: slipway.dev/v1
kind: Design
metadata: { name: shop }
spec:
  components:
    - name: shop
      object: { apiVersion: v1, kind: Namespace }
    - name: settings
      dependsOn: [shop]
      object: { apiVersion: v1, kind: ConfigMap, data: { greeting: hello } }
    - name: web
      object:
        apiVersion: apps/v1
        kind: Deployment
        metadata: { namespace: shop }
        spec:
          selector: { matchLabels: { app: web } }
          template:
            metadata: { labels: { app: web } }
            spec:
              containers: [{ name: web, image: web, envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: key } }] }]
`;

async function seededApi() {
  const api = await createTestApi();
  await seedBuiltInModel(api.database);
  await api.request('/v1/designs', yaml('POST', source));
  return api;
}

async function evaluationOf(response: Promise<Response>) {
  const answer = await response;
  expect(answer.status).toBe(200);
  return evaluationSchema.parse(await answer.json());
}

test('the evaluation of a stored design says what goes together, what is filled and what is missing', async () => {
  const { request } = await seededApi();
  const { edges, changes, findings, trace } = await evaluationOf(
    request('/v1/designs/shop/evaluate', json('POST', {})),
  );
  expect(edges.map(({ from, to, why }) => [from, to, why])).toEqual([
    ['settings', 'web', 'Deployment shop/web mounts ConfigMap shop/settings'],
    ['shop', 'settings', 'ConfigMap shop/settings is in Namespace shop'],
    ['shop', 'web', 'Deployment shop/web is in Namespace shop'],
  ]);
  expect(changes).toMatchObject([
    {
      component: 'settings',
      path: 'metadata.namespace',
      value: 'shop',
      relationship: { name: 'hierarchical-parent-inventory-namespace', model: 'kubernetes-relationships@v1.36.0' },
    },
  ]);
  expect(findings).toMatchObject([
    {
      severity: 'warning',
      code: 'relationship.counterpartMissing',
      subject: 'Deployment shop/web',
      path: 'spec.template.spec.containers[0].envFrom[1].secretRef.name',
    },
  ]);
  expect(trace).toBeUndefined();
});

test('an evaluation of an older revision, without some relationships, and with every step', async () => {
  const { request } = await seededApi();
  const evaluate = (body: object) => evaluationOf(request('/v1/designs/shop/evaluate', json('POST', body)));
  await request('/v1/designs/shop', yaml('PUT', source.replace('name: key', 'name: other'), { 'if-match': '*' }));
  const [newest, first] = [await evaluate({}), await evaluate({ revision: 1 })];
  expect(newest.findings[0]?.message).toContain('Secret shop/other');
  expect(first.findings[0]?.message).toContain('Secret shop/key');
  expect((await evaluate({ disabled: ['edge/binding'] })).findings).toEqual([]);
  expect((await evaluate({ disabled: ['edge', 'hierarchical'] })).edges).toEqual([]);
  const { trace = [] } = await evaluate({ trace: true });
  expect(new Set(trace.map(({ outcome }) => outcome))).toEqual(new Set(['filled', 'related', 'missing']));
  expect(
    await problemOf(await request('/v1/designs/shop/evaluate', json('POST', { disabled: ['a b'] }))),
  ).toMatchObject({
    status: 400,
  });
});

test('a design is evaluated without being stored', async () => {
  const { request } = await seededApi();
  const unsaved = source.replace('name: shop }', 'name: unsaved }');
  const { edges, trace } = await evaluationOf(
    request('/v1/designs/evaluate?trace=true&disabled=hierarchical', yaml('POST', unsaved)),
  );
  expect(edges.map(({ why }) => why)).toEqual([]);
  expect(trace?.map(({ outcome }) => outcome)).toEqual(['missing', 'missing']);
  expect((await request('/v1/designs/unsaved')).status).toBe(404);
  expect(await problemOf(await request('/v1/designs/evaluate', yaml('POST', 'kind: ')))).toMatchObject({ status: 422 });
});

test('a relationship that is disabled in the registry says nothing', async () => {
  const { request, database } = await seededApi();
  await setRelationshipStatus(database, {
    relationship: 'kubernetes-relationships@v1.36.0/edge-binding-mount-configuration',
    status: 'disabled',
  });
  const { edges } = await evaluationOf(request('/v1/designs/shop/evaluate', json('POST', {})));
  expect(edges.map(({ relationship }) => relationship.name)).toEqual(
    Array.from({ length: 2 }, () => 'hierarchical-parent-inventory-namespace'),
  );
});
