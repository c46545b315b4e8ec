import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import type { Component } from '../../../domain/design.ts';
import { planDeploy } from '../../../domain/plan.ts';
import { impliedEdges } from '../../../domain/plan/relationship-edges.ts';
import { evaluateRelationships } from '../../../domain/relationship/evaluate.ts';
import type { Database } from '../../../infra/database/database.ts';
import { findModel } from '../../../infra/database/registry/models.ts';
import { models } from '../../../infra/database/registry/tables.ts';
import { loadBuiltInModel } from '../../../infra/registry/built-in/load.ts';
import { seedBuiltInModel } from '../../../infra/registry/built-in/seed.ts';
import { relationshipsOf } from '../../../infra/registry/relationships-of.ts';
import { designs } from '../../domain/plan/arbitrary-designs.ts';
import { designOf, fixture, linesOf } from '../../domain/plan/manifests.ts';
import { prometheusOperator } from '../../domain/plan/operator-manifests.ts';
import { temporaryFolder, testDatabase } from '../database/database-fixture.ts';

/** Many runs each: only a hang is an error, on a busy machine too. */
vi.setConfig({ testTimeout: 120_000 });

const { model, relationships } = await loadBuiltInModel();
const registered = relationships.map((definition) => ({ definition, model }));

const evaluate = (components: readonly Component[]) => evaluateRelationships({ components, relationships: registered });
const whyOf = (manifest: string) =>
  evaluate(designOf(manifest))
    .edges.map(({ why }) => why)
    .toSorted();

test('names of built-in relationships are unique, and say what they are', () => {
  expect(new Set(relationships.map(({ name }) => name)).size).toBe(relationships.length);
  for (const { name, kind, type, subType, description } of relationships) {
    expect(name.startsWith([kind, type, subType].join('-'))).toBe(true);
    expect(description).not.toBe('');
  }
});

const web = `
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: web, namespace: shop }
spec:
  serviceName: web
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { storageClassName: fast } }]
  template:
    metadata: { labels: { app: web, tier: front } }
    spec:
      serviceAccountName: web
      priorityClassName: high
      runtimeClassName: gvisor
      imagePullSecrets: [{ name: pull }]
      initContainers: [{ name: i, image: i, envFrom: [{ configMapRef: { name: start } }] }]
      containers:
        - { name: c, image: c, env: [{ name: A, valueFrom: { secretKeyRef: { name: password, key: a } } }] }
      volumes:
        - { name: a, configMap: { name: settings } }
        - { name: b, projected: { sources: [{ secret: { name: token } }, { configMap: { name: roots } }] } }
        - { name: c, persistentVolumeClaim: { claimName: cache } }
---
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web } }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: web, namespace: shop }
spec:
  ingressClassName: public
  tls: [{ secretName: tls }]
  rules: [{ http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web } } }] } }]
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: web, namespace: shop }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: StatefulSet, name: web } }
---
apiVersion: policy/v1
kind: PodDisruptionBudget
metadata: { name: web, namespace: shop }
spec: { selector: { matchLabels: { tier: front } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } } }
`;

const named = (type: string, name: string, rest = 'namespace: shop') => {
  const [kind = '', apiVersion = ''] = type.split('@');
  return `---\napiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: { name: ${name}, ${rest} }\n`;
};

test('a workload goes with everything that its pods name, and with what selects them', () => {
  const others = [
    named('ServiceAccount@v1', 'web'),
    named('PriorityClass@scheduling.k8s.io/v1', 'high', 'labels: {}'),
    named('RuntimeClass@node.k8s.io/v1', 'gvisor', 'labels: {}'),
    named('StorageClass@storage.k8s.io/v1', 'fast', 'labels: {}'),
    named('IngressClass@networking.k8s.io/v1', 'public', 'labels: {}'),
    ...['pull', 'password', 'token', 'tls'].map((name) => named('Secret@v1', name)),
    ...['start', 'settings', 'roots'].map((name) => named('ConfigMap@v1', name)),
    named('PersistentVolumeClaim@v1', 'cache'),
  ];
  const whys = whyOf(web + others.join('')).filter((why) => !why.endsWith('is in Namespace shop'));
  expect(whys).toEqual(
    [
      'HorizontalPodAutoscaler shop/web references StatefulSet shop/web',
      'Ingress shop/web leads to Service shop/web',
      'Ingress shop/web references IngressClass public',
      'Ingress shop/web references Secret shop/tls',
      'NetworkPolicy shop/web guards StatefulSet shop/web',
      'PodDisruptionBudget shop/web selects StatefulSet shop/web',
      'Service shop/web leads to StatefulSet shop/web',
      ...['roots', 'settings', 'start'].map((name) => `StatefulSet shop/web mounts ConfigMap shop/${name}`),
      'StatefulSet shop/web mounts PersistentVolumeClaim shop/cache',
      ...['password', 'token'].map((name) => `StatefulSet shop/web mounts Secret shop/${name}`),
      'StatefulSet shop/web references PriorityClass high',
      'StatefulSet shop/web references RuntimeClass gvisor',
      'StatefulSet shop/web references Secret shop/pull',
      'StatefulSet shop/web references Service shop/web',
      'StatefulSet shop/web references ServiceAccount shop/web',
      'StatefulSet shop/web references StorageClass fast',
    ].toSorted(),
  );
});

test('what a workload mounts and the design has not is missing', () => {
  const { missing } = evaluate(designOf(web));
  expect(missing.map(({ target }) => `${target.kind} ${target.name}`).toSorted()).toEqual([
    'ConfigMap roots',
    'ConfigMap settings',
    'ConfigMap start',
    'PersistentVolumeClaim cache',
    'Secret password',
    'Secret pull',
    'Secret tls',
    'Secret token',
  ]);
});

test('rights lead from roles through bindings to accounts, also across namespaces', () => {
  const access = `
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader }
---
apiVersion: rbac.authorization.k8s.io/v1
kind: RoleBinding
metadata: { name: readers, namespace: shop }
roleRef: { apiGroup: rbac.authorization.k8s.io, kind: ClusterRole, name: reader }
subjects: [{ kind: User, name: web }, { kind: ServiceAccount, name: web, namespace: front }]
${named('ServiceAccount@v1', 'web', 'namespace: front')}${named('ServiceAccount@v1', 'web')}`;
  expect(
    evaluate(designOf(access))
      .edges.map(({ why }) => why)
      .toSorted(),
  ).toEqual([
    'ClusterRole reader grants rights to ServiceAccount front/web through RoleBinding shop/readers',
    'RoleBinding shop/readers references ClusterRole reader',
    'RoleBinding shop/readers references ServiceAccount front/web',
  ]);
});

const addsNothing = (components: readonly Component[]) => {
  const implied = impliedEdges(evaluate(components).edges, components);
  expect(linesOf(planDeploy(components, { implied }))).toEqual(linesOf(planDeploy(components)));
};

test('the built-in relationships add no edge to a plan: its own rules know them', () => {
  for (const manifest of [fixture('bookinfo.yaml'), prometheusOperator, web]) addsNothing(designOf(manifest));
  fc.assert(fc.property(designs, addsNothing), { numRuns: 200 });
});

const rowsOf = (database: Database) =>
  database.read((queries) => queries.select({ id: models.id, publishedAt: models.publishedAt }).from(models));

test('the built-in model is stored once, however often and by however many it is seeded', async () => {
  const database = await testDatabase({ url: `file:${await temporaryFolder()}/slipway.db` });
  await Promise.all([seedBuiltInModel(database), seedBuiltInModel(database), seedBuiltInModel(database)]);
  const rows = await rowsOf(database);
  expect(rows).toHaveLength(1);
  await seedBuiltInModel(database);
  expect(await rowsOf(database)).toEqual(rows);
  expect(await findModel(database, model.name)).toMatchObject({
    revision: 1,
    status: 'enabled',
    relationshipCount: relationships.length,
    registrant: { kind: 'builtIn' },
  });
});

test('a design gets the relationships of its kinds from the registry', async () => {
  const database = await testDatabase();
  await seedBuiltInModel(database);
  const { relationships: found } = await relationshipsOf(database, designOf(web));
  expect(found.map(({ definition }) => definition.name)).toEqual(relationships.map(({ name }) => name));
});
