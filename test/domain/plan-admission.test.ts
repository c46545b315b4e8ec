import { expect, test } from 'vitest';
import { planDeploy } from '../../domain/plan.ts';
import { designOf, linesOf } from './plan/manifests.ts';
import { certManager, prometheusOperator } from './plan/operator-manifests.ts';

const linesFor = (manifest: string) => linesOf(planDeploy(designOf(manifest)));

test('row 5: a webhook configuration waits for its backend to be ready', () => {
  const lines = linesFor(certManager);
  expect(lines).toContain(
    'Deployment cert-manager/cert-manager-webhook -ready-> ValidatingWebhookConfiguration cert-manager-webhook (soft)',
  );
  expect(lines).toContain(
    'Service cert-manager/cert-manager-webhook -exists-> ValidatingWebhookConfiguration cert-manager-webhook (soft)',
  );
});

test('row 6: what a webhook intercepts waits for it, until its CA is injected where cert-manager does that', () => {
  const lines = linesFor(certManager);
  expect(lines).toContain('ValidatingWebhookConfiguration cert-manager-webhook -ready-> Issuer shop/internal (soft)');
  expect(lines).toContain('ValidatingWebhookConfiguration cert-manager-webhook -ready-> Certificate shop/web (soft)');
  expect(lines.filter((line) => /WebhookConfiguration.*-> (Deployment|Ingress)/.test(line))).toEqual([]);
});

const injector = (selectors: string) => `
apiVersion: v1
kind: Namespace
metadata: { name: istio-system }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop, labels: { istio-injection: enabled } }
---
apiVersion: v1
kind: Namespace
metadata: { name: plain }
---
apiVersion: v1
kind: Service
metadata: { name: istiod, namespace: istio-system }
spec: { selector: { app: istiod } }
---
apiVersion: v1
kind: ConfigMap
metadata: { name: istio, namespace: istio-system }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: istiod, namespace: istio-system }
spec:
  template:
    metadata: { labels: { app: istiod } }
    spec: { containers: [{ name: discovery, envFrom: [{ configMapRef: { name: istio } }] }] }
---
apiVersion: admissionregistration.k8s.io/v1
kind: MutatingWebhookConfiguration
metadata: { name: istio-sidecar-injector }
webhooks:
  - name: rev.namespace.sidecar-injector.istio.io
    clientConfig: { service: { name: istiod, namespace: istio-system, path: /inject } }
    rules: [{ apiGroups: [''], apiVersions: [v1], operations: [CREATE], resources: [pods] }]
    ${selectors}
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web }] } } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: opted-out, namespace: shop }
spec:
  template:
    metadata: { labels: { app: opted-out, sidecar.istio.io/inject: 'false' } }
    spec: { containers: [{ name: web }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: plain }
spec: { template: { metadata: { labels: { app: web } }, spec: { containers: [{ name: web }] } } }
`;

const intercepted = (lines: readonly string[]) =>
  lines.filter((line) => line.startsWith('MutatingWebhookConfiguration')).map((line) => line.split(' -exists-> ')[1]);

test('row 6: a sidecar injector is in force before the workloads whose pods its selectors take', () => {
  const lines = linesFor(
    injector(`namespaceSelector: { matchLabels: { istio-injection: enabled } }
    objectSelector: { matchExpressions: [{ key: sidecar.istio.io/inject, operator: NotIn, values: ['false'] }] }`),
  );
  expect(intercepted(lines)).toEqual(['Deployment shop/web (soft)']);
});

test('row 6: a webhook never holds up its own backend, nor what the backend needs', () => {
  const everything = injector('').replace(
    "[''], apiVersions: [v1], operations: [CREATE], resources: [pods]",
    "['*'], apiVersions: ['*'], operations: ['*'], resources: ['*']",
  );
  const graph = planDeploy(designOf(everything));
  expect(intercepted(linesOf(graph)).toSorted()).toEqual([
    'Deployment plain/web (soft)',
    'Deployment shop/opted-out (soft)',
    'Deployment shop/web (soft)',
    'Namespace plain (soft)',
    'Namespace shop (soft)',
  ]);
  expect(graph.notes).toEqual([]);
});

test('row 6: an unknown namespace is taken to match, a known one is looked at', () => {
  const elsewhere = injector('namespaceSelector: { matchLabels: { istio-injection: enabled } }').replace(
    /---\napiVersion: v1\nkind: Namespace\nmetadata: \{ name: (shop|plain).*\n/g,
    '',
  );
  expect(intercepted(linesFor(elsewhere))).toHaveLength(3);
  const known = planDeploy(designOf(elsewhere), {
    namespaceLabels: { plain: {}, shop: { 'istio-injection': 'enabled' } },
  });
  expect(intercepted(linesOf(known))).toEqual(['Deployment shop/opted-out (soft)', 'Deployment shop/web (soft)']);
});

test('row 7: an APIService waits for its backend, and objects of its group for it to be available', () => {
  const lines = linesFor(`
apiVersion: apiregistration.k8s.io/v1
kind: APIService
metadata: { name: v1alpha1.wardle.example.com }
spec: { group: wardle.example.com, version: v1alpha1, service: { name: api, namespace: wardle } }
---
apiVersion: v1
kind: Service
metadata: { name: api, namespace: wardle }
spec: { selector: { apiserver: 'true' } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: wardle-server, namespace: wardle }
spec: { template: { metadata: { labels: { apiserver: 'true' } }, spec: { containers: [{ name: wardle-server }] } } }
---
apiVersion: wardle.example.com/v1alpha1
kind: Flunder
metadata: { name: my-first-flunder, namespace: shop }
`);
  expect(lines).toContain('Deployment wardle/wardle-server -ready-> APIService v1alpha1.wardle.example.com (soft)');
  expect(lines).toContain('APIService v1alpha1.wardle.example.com -ready-> Flunder shop/my-first-flunder (hard)');
});

test('row 8: role, then binding, then the workload of the account; the account before both', () => {
  const lines = linesFor(prometheusOperator);
  expect(lines).toContain('ClusterRole prometheus-operator -exists-> ClusterRoleBinding prometheus-operator (hard)');
  expect(lines).toContain(
    'ServiceAccount monitoring/prometheus-operator -exists-> ClusterRoleBinding prometheus-operator (soft)',
  );
  expect(lines).toContain(
    'ClusterRoleBinding prometheus-operator -exists-> Deployment monitoring/prometheus-operator (soft)',
  );
  expect(lines).toContain(
    'ServiceAccount monitoring/prometheus-operator -exists-> Deployment monitoring/prometheus-operator (hard)',
  );
});
