import { expect, test } from 'vitest';
import { SlipwayError } from '../../domain/errors.ts';
import { planDeploy } from '../../domain/plan.ts';
import type { PlanGraph } from '../../domain/plan-graph.ts';
import { componentOf, designOf, linesOf, objectsOf } from './plan/manifests.ts';

const configMap = (name: string, annotations = '{}', data = '{}') => `
---
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}, namespace: shop, annotations: ${annotations} }
data: ${data}`;

const wave = (number: number) => `{ argocd.argoproj.io/sync-wave: '${number}' }`;

const depends = (on: string) => `{ config.kubernetes.io/depends-on: /namespaces/shop/ConfigMap/${on} }`;

const planOf = (...manifests: readonly string[]) => planDeploy(designOf(manifests.join('\n')));

function refusalOf(plan: () => PlanGraph): SlipwayError {
  try {
    plan();
  } catch (error) {
    if (error instanceof SlipwayError) return error;
    throw error;
  }
  throw new Error('the plan was not refused');
}

test('row 19: dependsOn waits for the state that it names, ready by default', () => {
  const [a, b, c] = objectsOf(configMap('a') + configMap('b') + configMap('c'));
  if (a === undefined || b === undefined || c === undefined) throw new Error('three objects');
  const graph = planDeploy([
    componentOf(a, [
      { component: 'configmap.shop.b', state: 'ready' },
      { component: 'configmap.shop.c', state: 'exists' },
    ]),
    componentOf(b),
    componentOf(c),
  ]);
  expect(linesOf(graph)).toEqual([
    'ConfigMap shop/b -ready-> ConfigMap shop/a (hard)',
    'ConfigMap shop/c -exists-> ConfigMap shop/a (hard)',
  ]);
});

test('row 19: a dependency that the design does not have is refused, as is one on itself', () => {
  const [a] = objectsOf(configMap('a'));
  if (a === undefined) throw new Error('one object');
  const refusal = refusalOf(() =>
    planDeploy([
      componentOf(a, [
        { component: 'nowhere', state: 'ready' },
        { component: 'configmap.shop.a', state: 'ready' },
      ]),
    ]),
  );
  expect(refusal.code).toBe('invalid');
  expect(refusal.findings.map(({ message, path }) => [message, path])).toEqual([
    ['configmap.shop.a depends on nowhere, which the design does not have', 'dependsOn[0].component'],
    ['configmap.shop.a depends on itself', 'dependsOn[1].component'],
  ]);
});

test('row 19: depends-on of kpt is read, namespaced and cluster-scoped, with and without a group', () => {
  const graph = planOf(
    configMap(
      'app',
      `{ config.kubernetes.io/depends-on: '/namespaces/shop/ConfigMap/base, rbac.authorization.k8s.io/ClusterRole/reader' }`,
    ),
    configMap('base'),
    '\n---\napiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: { name: reader }',
  );
  expect(linesOf(graph)).toEqual([
    'ClusterRole reader -ready-> ConfigMap shop/app (hard)',
    'ConfigMap shop/base -ready-> ConfigMap shop/app (hard)',
  ]);
  expect(graph.notes).toEqual([]);
});

test('row 19: an annotation that names what the design does not have is told, and orders nothing', () => {
  const graph = planOf(
    configMap('a', '{ config.kubernetes.io/depends-on: /namespaces/shop/Secret/elsewhere }'),
    configMap('b', `{ werf.io/deploy-dependency-x: 'state=ready,kind=Secret,name=elsewhere' }`),
  );
  expect(graph.edges).toEqual([]);
  expect(graph.notes.map(({ code, severity, subject }) => [code, severity, subject])).toEqual([
    ['plan.dependencyOutside', 'warning', 'configmap.shop.a'],
    ['plan.dependencyOutside', 'warning', 'configmap.shop.b'],
  ]);
});

test('row 19: a sync wave of Argo CD starts when the one before is ready; other objects are of wave 0', () => {
  const graph = planOf(configMap('first', wave(-1)), configMap('middle'), configMap('last', wave(5)));
  expect(linesOf(graph)).toEqual([
    'ConfigMap shop/first -ready-> ConfigMap shop/middle (hard)',
    'ConfigMap shop/middle -ready-> ConfigMap shop/last (hard)',
  ]);
});

test('row 19: large waves meet in one gate, which is no stage of its own', () => {
  const names = ['a', 'b', 'c'];
  const graph = planOf(
    ...names.map((name) => configMap(name, wave(0))),
    ...names.map((name) => configMap(`later-${name}`, wave(1))),
  );
  expect(graph.gates).toEqual([{ key: 'gate:argocd.argoproj.io/sync-wave/1', title: 'start of sync wave 1' }]);
  expect(graph.edges).toHaveLength(6);
  expect(graph.stageCount).toBe(2);
});

test('row 19: what an earlier wave cannot do without moves up to it, with a note', () => {
  const graph = planOf(
    '\n---\napiVersion: v1\nkind: Namespace\nmetadata: { name: shop, annotations: { argocd.argoproj.io/sync-wave: "3" } }',
    configMap('a'),
    configMap('b', `{ argocd.argoproj.io/sync-wave: '3' }`),
  );
  expect(graph.nodes.map(({ reference }) => reference.name)).toEqual(['shop', 'a', 'b']);
  expect(graph.notes).toMatchObject([{ code: 'plan.syncWaveMoved', subject: 'namespace.cluster.shop' }]);
});

test('row 19: change groups and rules of kapp are read, before and after', () => {
  const graph = planOf(
    configMap('schema', '{ kapp.k14s.io/change-group: shop/schema }'),
    configMap(
      'app',
      `{ kapp.k14s.io/change-rule: upsert after upserting shop/schema, kapp.k14s.io/change-group.app: shop/app }`,
    ),
    configMap('backup', '{ kapp.k14s.io/change-rule.1: upsert before upserting shop/app }'),
    configMap('cleaner', '{ kapp.k14s.io/change-rule: delete before deleting shop/app }'),
  );
  expect(linesOf(graph)).toEqual([
    'ConfigMap shop/backup -ready-> ConfigMap shop/app (hard)',
    'ConfigMap shop/schema -ready-> ConfigMap shop/app (hard)',
  ]);
});

test('row 19: deploy dependencies of werf are read, with their state', () => {
  const graph = planOf(
    configMap(
      'app',
      `{ werf.io/deploy-dependency-db: 'state=ready,kind=ConfigMap,name=db', werf.io/deploy-dependency-queue: 'state=present,kind=ConfigMap,name=queue,namespace=shop' }`,
    ),
    configMap('db'),
    configMap('queue'),
  );
  expect(linesOf(graph)).toEqual([
    'ConfigMap shop/db -ready-> ConfigMap shop/app (hard)',
    'ConfigMap shop/queue -exists-> ConfigMap shop/app (hard)',
  ]);
});

test('row 21: a migration Job goes before a workload only where people say so, and Helm hook weights are passed over with a note', () => {
  const job = `
---
apiVersion: batch/v1
kind: Job
metadata: { name: migrate, namespace: shop, annotations: { helm.sh/hook: pre-upgrade, helm.sh/hook-weight: '-5' } }
spec: { template: { spec: { restartPolicy: Never, containers: [{ name: migrate }] } } }`;
  const [web, migrate] = objectsOf(`${configMap('web')}${job}`);
  if (web === undefined || migrate === undefined) throw new Error('two objects');
  const unsaid = planDeploy([componentOf(web), componentOf(migrate)]);
  expect(unsaid.edges).toEqual([]);
  expect(unsaid.notes).toMatchObject([{ code: 'plan.helmHookIgnored', subject: 'job.shop.migrate' }]);
  const said = planDeploy([
    componentOf(web, [{ component: 'job.shop.migrate', state: 'ready' }]),
    componentOf(migrate),
  ]);
  expect(linesOf(said)).toEqual(['Job shop/migrate -ready-> ConfigMap shop/web (hard)']);
});

test('a cycle of hard edges is refused, naming its members in order and why each needs the next', () => {
  const refusal = refusalOf(() =>
    planOf(
      configMap('a', depends('c')),
      configMap('b', depends('a')),
      configMap('c', depends('b')),
      configMap('free', depends('a')),
    ),
  );
  expect(refusal.code).toBe('invalid');
  expect(refusal.findings).toHaveLength(1);
  const message = refusal.findings[0]?.message ?? '';
  const members = message.split(': ')[0]?.split(' -> ') ?? [];
  expect(members).toHaveLength(4);
  expect(members[0]).toBe(members[3]);
  expect(new Set(members)).toEqual(new Set(['ConfigMap shop/a', 'ConfigMap shop/b', 'ConfigMap shop/c']));
  expect(message).toContain('ConfigMap shop/a depends on ConfigMap shop/c (config.kubernetes.io/depends-on)');
});

test('a soft edge that would close a cycle is dropped with a note, the least important one', () => {
  const graph = planOf(`
apiVersion: v1
kind: Service
metadata:
  name: web
  namespace: shop
  annotations: { config.kubernetes.io/depends-on: apps/namespaces/shop/Deployment/web }
spec: { selector: { app: web } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web }] } } }
`);
  expect(linesOf(graph)).toEqual(['Deployment shop/web -ready-> Service shop/web (hard)']);
  expect(graph.notes).toMatchObject([
    {
      severity: 'note',
      code: 'plan.edgeDropped',
      message:
        'Deployment shop/web does not wait for Service shop/web (Service shop/web leads to Deployment shop/web), as that would close the circle Deployment shop/web -> Service shop/web -> Deployment shop/web',
    },
  ]);
});

test('an object that two components declare is refused', () => {
  const refusal = refusalOf(() => planOf(configMap('a'), configMap('a')));
  expect(refusal.findings).toMatchObject([{ code: 'plan.duplicateObject' }]);
});

test('an empty design is an empty plan', () => {
  expect(planDeploy([])).toEqual({ nodes: [], edges: [], stageCount: 0, notes: [] });
});
