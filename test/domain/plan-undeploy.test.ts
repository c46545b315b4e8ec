import { expect, test } from 'vitest';
import { createFrontier } from '../../domain/frontier.ts';
import { planDeploy, planUndeploy } from '../../domain/plan.ts';
import type { PlanGraph } from '../../domain/plan-graph.ts';
import { componentOf, designOf, fixture, inNamespace, linesOf, objectsOf, undeployOf } from './plan/manifests.ts';
import { certManager, prometheusOperator } from './plan/operator-manifests.ts';

/** Kind and name of each object in the order in which an undeploy that removes one object at a time takes them. */
function removalOrder(graph: PlanGraph): readonly string[] {
  const names = new Map(graph.nodes.map(({ key, reference }) => [key, `${reference.kind} ${reference.name}`]));
  const frontier = createFrontier(graph);
  const queue = [...frontier.start()];
  for (const key of queue) queue.push(...frontier.reached(key, 'gone'));
  return queue.map((key) => names.get(key) ?? key);
}

const configMap = (name: string, annotations: string) => `
---
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}, namespace: shop, annotations: ${annotations} }`;

const tied = (name: string, on: string) => `
---
apiVersion: v1
kind: ConfigMap
metadata: { name: ${name}, namespace: shop, annotations: { config.kubernetes.io/depends-on: /namespaces/shop/ConfigMap/${on} } }`;

const bare = (apiVersion: string, kind: string) => ({ apiVersion, kind, metadata: { name: 'x' } });

const before = (order: readonly string[], first: string, second: string) => {
  expect(order).toContain(first);
  expect(order).toContain(second);
  expect(order.indexOf(first), `${first} before ${second}`).toBeLessThan(order.indexOf(second));
};

test('custom resources are gone before their operator, the operator before its rights, its account and its CRD', () => {
  const order = removalOrder(undeployOf(designOf(prometheusOperator)));
  const operator = 'Deployment prometheus-operator';
  before(order, 'Prometheus main', operator);
  before(order, operator, 'ClusterRoleBinding prometheus-operator');
  before(order, 'ClusterRoleBinding prometheus-operator', 'ClusterRole prometheus-operator');
  before(order, operator, 'ServiceAccount prometheus-operator');
  before(order, operator, 'CustomResourceDefinition prometheuses.monitoring.coreos.com');
  before(order, 'CustomResourceDefinition prometheuses.monitoring.coreos.com', 'Namespace monitoring');
});

test('a webhook configuration goes after what it intercepts while its backend answers, and before its backend', () => {
  const lines = linesOf(undeployOf(designOf(certManager)));
  const configuration = 'ValidatingWebhookConfiguration cert-manager-webhook';
  expect(lines).toContain(`Issuer shop/internal -gone-> ${configuration} (soft)`);
  expect(lines).toContain(`${configuration} -gone-> Deployment cert-manager/cert-manager-webhook (soft)`);
});

test('a webhook configuration whose backend does not answer goes before what it intercepts', () => {
  const key = 'admissionregistration.k8s.io/ValidatingWebhookConfiguration//cert-manager-webhook';
  const graph = undeployOf(designOf(certManager), { unhealthyBackends: new Set([key]) });
  const order = removalOrder(graph);
  const configuration = 'ValidatingWebhookConfiguration cert-manager-webhook';
  before(order, configuration, 'Issuer internal');
  before(order, configuration, 'Certificate web');
  before(order, configuration, 'Deployment cert-manager-webhook');
  expect(graph.edges.filter(({ dependent }) => dependent === key)).toEqual([]);
});

test('routes go before workloads, workloads before their Services, namespaces last', () => {
  const objects = [
    ...inNamespace('shop', fixture('bookinfo.yaml')),
    ...inNamespace('shop', fixture('bookinfo-gateway.yaml')),
    ...objectsOf(`
apiVersion: v1
kind: Namespace
metadata: { name: shop }
---
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: shop }
spec: { defaultBackend: { service: { name: productpage, port: { number: 9080 } } } }
---
apiVersion: autoscaling/v2
kind: HorizontalPodAutoscaler
metadata: { name: productpage, namespace: shop }
spec: { scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: productpage-v1 } }
`),
  ];
  const order = removalOrder(undeployOf(objects.map((object) => componentOf(object))));
  before(order, 'Ingress shop', 'Deployment productpage-v1');
  before(order, 'HorizontalPodAutoscaler productpage', 'Deployment productpage-v1');
  before(order, 'Deployment productpage-v1', 'Service productpage');
  before(order, 'Deployment productpage-v1', 'ServiceAccount bookinfo-productpage');
  before(order, 'VirtualService bookinfo', 'Service productpage');
  expect(order.at(-1)).toBe('Namespace shop');
});

test('custom resources whose operator is not known go before every workload that has rights', () => {
  const withoutLinks = prometheusOperator.replaceAll('monitoring.coreos.com]', 'example.com]');
  const lines = linesOf(undeployOf(designOf(withoutLinks)));
  expect(lines).toContain('Prometheus monitoring/main -gone-> Deployment monitoring/prometheus-operator (soft)');
  expect(lines).toContain('Prometheus monitoring/main -gone-> Deployment monitoring/dashboard (soft)');
});

test('dependencies that people declared are turned round, and those of removed components passed over', () => {
  const [a, b] = objectsOf(`
apiVersion: v1
kind: ConfigMap
metadata: { name: a, namespace: shop }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: b, namespace: shop }
`);
  if (a === undefined || b === undefined) throw new Error('two objects');
  const graph = undeployOf([
    componentOf(a, [
      { component: 'configmap.shop.b', state: 'ready' },
      { component: 'gone-already', state: 'ready' },
    ]),
    componentOf(b),
  ]);
  expect(linesOf(graph)).toEqual(['ConfigMap shop/a -gone-> ConfigMap shop/b (hard)']);
});

test('delete rules of kapp and delete dependencies of werf order removals', () => {
  const lines = linesOf(
    undeployOf(
      designOf(
        [
          configMap('data', '{ kapp.k14s.io/change-group: data }'),
          configMap('backup', '{ kapp.k14s.io/change-rule: delete before deleting data }'),
          configMap('log', `{ werf.io/delete-dependency-app: 'state=absent,kind=ConfigMap,name=data' }`),
        ].join('\n'),
      ),
    ),
  );
  expect(lines).toEqual([
    'ConfigMap shop/backup -gone-> ConfigMap shop/data (hard)',
    'ConfigMap shop/data -gone-> ConfigMap shop/log (hard)',
  ]);
});

test('an undeploy is never refused: a cycle of hard edges gives way with a warning', () => {
  const design = designOf(tied('a', 'b') + tied('b', 'a'));
  expect(() => planDeploy(design)).toThrow('circle');
  const graph = undeployOf(design);
  expect(graph.edges).toHaveLength(1);
  expect(graph.notes).toMatchObject([{ severity: 'warning', code: 'plan.edgeDropped' }]);
});

test('objects that nothing orders are removed by kind: custom resources first, namespaces last', () => {
  const objects = [
    bare('v1', 'Namespace'),
    bare('storage.k8s.io/v1', 'StorageClass'),
    bare('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
    bare('v1', 'ConfigMap'),
    bare('rbac.authorization.k8s.io/v1', 'ClusterRole'),
    bare('v1', 'PersistentVolume'),
    bare('v1', 'Service'),
    bare('apps/v1', 'Deployment'),
    bare('networking.k8s.io/v1', 'Ingress'),
    bare('policy/v1', 'PodDisruptionBudget'),
    bare('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
    bare('example.com/v1', 'Widget'),
  ];
  const graph = planUndeploy(objects.map((value) => ({ component: value.kind.toLowerCase(), object: value })));
  expect(graph.nodes.map(({ reference }) => reference.kind)).toEqual(objects.map(({ kind }) => kind).toReversed());
});
