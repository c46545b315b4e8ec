import { expect, test } from 'vitest';
import { planDeploy } from '../../domain/plan.ts';
import { componentOf, designOf, fixture, inNamespace, linesOf } from './plan/manifests.ts';

const linesFor = (manifest: string) => linesOf(planDeploy(designOf(manifest)));

test('row 1: an object waits for its namespace to exist', () => {
  const lines = linesFor(`
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, namespace: shop }
---
apiVersion: v1
kind: Namespace
metadata: { name: shop }
`);
  expect(lines).toEqual(['Namespace shop -exists-> ConfigMap shop/settings (hard)']);
});

test('rows 9 and 14: the Deployments of Bookinfo wait for their service accounts and Services', () => {
  const lines = linesOf(planDeploy(inNamespace('shop', fixture('bookinfo.yaml')).map((object) => componentOf(object))));
  expect(lines).toContain('ServiceAccount shop/bookinfo-reviews -exists-> Deployment shop/reviews-v3 (hard)');
  expect(lines).toContain('Service shop/reviews -exists-> Deployment shop/reviews-v1 (soft)');
  expect(lines).toContain('Service shop/reviews -exists-> Deployment shop/reviews-v2 (soft)');
  expect(lines).not.toContain('Service shop/ratings -exists-> Deployment shop/reviews-v1 (soft)');
  expect(lines).toHaveLength(12);
});

const podReferences = `
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec:
  selector: { matchLabels: { app: web } }
  template:
    metadata: { labels: { app: web } }
    spec:
      priorityClassName: important
      runtimeClassName: gvisor
      imagePullSecrets: [{ name: registry }]
      initContainers:
        - name: migrate
          env: [{ name: DB, valueFrom: { secretKeyRef: { name: database, key: url } } }]
      containers:
        - name: web
          env: [{ name: MODE, valueFrom: { configMapKeyRef: { name: modes, key: mode, optional: true } } }]
          envFrom: [{ configMapRef: { name: settings } }, { secretRef: { name: tokens } }]
      volumes:
        - { name: files, configMap: { name: files } }
        - { name: keys, secret: { secretName: keys } }
        - name: mixed
          projected: { sources: [{ configMap: { name: projected } }, { secret: { name: hidden, optional: true } }] }
        - { name: share, csi: { driver: smb.csi.k8s.io, nodePublishSecretRef: { name: smb } } }
        - { name: data, persistentVolumeClaim: { claimName: data } }
`;

const cluster = (apiVersion: string, kind: string, name: string) => `
---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ${name} }`;
const inShop = (apiVersion: string, kind: string, name: string) => `
---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: ${name}, namespace: shop }`;

test('row 10: pods wait for the ConfigMaps and Secrets that they name, softly for optional ones', () => {
  const configuration = ['modes', 'settings', 'files', 'projected'].map((name) => inShop('v1', 'ConfigMap', name));
  const secrets = ['registry', 'database', 'tokens', 'keys', 'hidden', 'smb'].map((name) =>
    inShop('v1', 'Secret', name),
  );
  const lines = linesFor([podReferences, ...configuration, ...secrets].join('\n'));
  expect(new Set(lines)).toEqual(
    new Set([
      ...['settings', 'files', 'projected'].map((n) => `ConfigMap shop/${n} -exists-> Deployment shop/web (hard)`),
      ...['registry', 'database', 'tokens', 'keys', 'smb'].map(
        (n) => `Secret shop/${n} -exists-> Deployment shop/web (hard)`,
      ),
      'ConfigMap shop/modes -exists-> Deployment shop/web (soft)',
      'Secret shop/hidden -exists-> Deployment shop/web (soft)',
    ]),
  );
});

test('row 10: a service account hands out its Secrets, softly, as a token Secret names it', () => {
  const lines = linesFor(`
apiVersion: v1
kind: ServiceAccount
metadata: { name: builder, namespace: shop }
imagePullSecrets: [{ name: registry }]
${inShop('v1', 'Secret', 'registry')}
`);
  expect(lines).toEqual(['Secret shop/registry -exists-> ServiceAccount shop/builder (soft)']);
});

test('row 10: a CronJob waits for what its job template names', () => {
  const lines = linesFor(`
apiVersion: batch/v1
kind: CronJob
metadata: { name: report, namespace: shop }
spec:
  schedule: '0 3 * * *'
  jobTemplate:
    spec:
      template:
        spec: { restartPolicy: Never, containers: [{ name: report, envFrom: [{ secretRef: { name: tokens } }] }] }
${inShop('v1', 'Secret', 'tokens')}
`);
  expect(lines).toEqual(['Secret shop/tokens -exists-> CronJob shop/report (hard)']);
});

test('row 12: StorageClass, then volume and claim, then the pod; a claim is never waited for to be bound', () => {
  const lines = linesFor(`
${podReferences}
---
apiVersion: storage.k8s.io/v1
kind: StorageClass
metadata: { name: fast }
volumeBindingMode: WaitForFirstConsumer
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: shop }
spec: { storageClassName: fast, volumeName: disk-1 }
---
apiVersion: v1
kind: PersistentVolume
metadata: { name: disk-1 }
spec: { storageClassName: fast }
`);
  expect(lines).toContain('StorageClass fast -exists-> PersistentVolumeClaim shop/data (hard)');
  expect(lines).toContain('PersistentVolume disk-1 -exists-> PersistentVolumeClaim shop/data (hard)');
  expect(lines).toContain('PersistentVolumeClaim shop/data -exists-> Deployment shop/web (hard)');
});

test('row 12: a dependency on a claim that binds with its first consumer asks only that it exists', () => {
  const [web, claim, ...others] = designOf(`
${podReferences}
---
apiVersion: v1
kind: PersistentVolumeClaim
metadata: { name: data, namespace: shop }
spec: { storageClassName: fast }
`);
  if (web === undefined || claim === undefined) throw new Error('the manifest has two objects');
  const dependent = { ...web, dependsOn: [{ component: claim.name, state: 'ready' as const }] };
  const components = [dependent, claim, ...others];
  expect(linesOf(planDeploy(components))).toEqual([
    'PersistentVolumeClaim shop/data -exists-> Deployment shop/web (hard)',
  ]);
  expect(linesOf(planDeploy(components, { immediateStorageClasses: ['fast'] }))).toEqual([
    'PersistentVolumeClaim shop/data -ready-> Deployment shop/web (hard)',
  ]);
});

test('row 12: a StatefulSet waits for the class of its claim templates', () => {
  const lines = linesFor(`
apiVersion: apps/v1
kind: StatefulSet
metadata: { name: db, namespace: shop }
spec:
  serviceName: db
  template: { metadata: { labels: { app: db } }, spec: { containers: [{ name: db }] } }
  volumeClaimTemplates: [{ metadata: { name: data }, spec: { storageClassName: fast } }]
---
apiVersion: v1
kind: Service
metadata: { name: db, namespace: shop }
spec: { clusterIP: None }
${cluster('storage.k8s.io/v1', 'StorageClass', 'fast')}
`);
  expect(lines).toContain('StorageClass fast -exists-> StatefulSet shop/db (hard)');
  expect(lines).toContain('Service shop/db -exists-> StatefulSet shop/db (hard)');
});

test('row 13: pods wait for their classes, and softly for quotas, limits and policies of their namespace', () => {
  const lines = linesFor(`
${podReferences}
${cluster('scheduling.k8s.io/v1', 'PriorityClass', 'important')}
${cluster('node.k8s.io/v1', 'RuntimeClass', 'gvisor')}
${inShop('v1', 'ResourceQuota', 'quota')}
${inShop('v1', 'LimitRange', 'limits')}
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: web, namespace: shop }
spec: { podSelector: { matchLabels: { app: web } } }
---
apiVersion: networking.k8s.io/v1
kind: NetworkPolicy
metadata: { name: other, namespace: shop }
spec: { podSelector: { matchLabels: { app: other } } }
`);
  expect(new Set(lines)).toEqual(
    new Set([
      'PriorityClass important -exists-> Deployment shop/web (hard)',
      'RuntimeClass gvisor -exists-> Deployment shop/web (hard)',
      'ResourceQuota shop/quota -exists-> Deployment shop/web (soft)',
      'LimitRange shop/limits -exists-> Deployment shop/web (soft)',
      'NetworkPolicy shop/web -exists-> Deployment shop/web (soft)',
    ]),
  );
});

test('row 15: no workload waits for its Service to be ready', () => {
  const graph = planDeploy(inNamespace('shop', fixture('bookinfo.yaml')).map((object) => componentOf(object)));
  expect(graph.edges.filter(({ needs }) => needs !== 'exists')).toEqual([]);
});

test('row 16: an Ingress waits for its class, its Services and its certificate', () => {
  const lines = linesFor(`
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata: { name: shop, namespace: shop }
spec:
  ingressClassName: nginx
  defaultBackend: { service: { name: fallback, port: { number: 80 } } }
  tls: [{ hosts: [shop.example.com], secretName: shop-tls }]
  rules: [{ host: shop.example.com, http: { paths: [{ path: /, pathType: Prefix, backend: { service: { name: web, port: { number: 80 } } } }] } }]
${cluster('networking.k8s.io/v1', 'IngressClass', 'nginx')}
${inShop('v1', 'Service', 'web')}
${inShop('v1', 'Service', 'fallback')}
${inShop('v1', 'Secret', 'shop-tls')}
`);
  expect(new Set(lines)).toEqual(
    new Set([
      'IngressClass nginx -exists-> Ingress shop/shop (soft)',
      'Service shop/web -exists-> Ingress shop/shop (soft)',
      'Service shop/fallback -exists-> Ingress shop/shop (soft)',
      'Secret shop/shop-tls -exists-> Ingress shop/shop (hard)',
    ]),
  );
});

test('row 16: class, Gateway, route, in that order, with Services and grants across namespaces', () => {
  const lines = linesFor(`
apiVersion: gateway.networking.k8s.io/v1
kind: GatewayClass
metadata: { name: envoy }
spec: { controllerName: gateway.envoyproxy.io/gatewayclass-controller }
---
apiVersion: gateway.networking.k8s.io/v1
kind: Gateway
metadata: { name: public, namespace: edge }
spec:
  gatewayClassName: envoy
  listeners: [{ name: https, protocol: HTTPS, port: 443, tls: { certificateRefs: [{ name: edge-tls }] } }]
---
apiVersion: v1
kind: Secret
metadata: { name: edge-tls, namespace: edge }
---
apiVersion: gateway.networking.k8s.io/v1
kind: HTTPRoute
metadata: { name: web, namespace: edge }
spec:
  parentRefs: [{ name: public }]
  rules: [{ backendRefs: [{ name: web, namespace: shop, port: 80 }] }]
---
apiVersion: gateway.networking.k8s.io/v1beta1
kind: ReferenceGrant
metadata: { name: from-edge, namespace: shop }
spec:
  from: [{ group: gateway.networking.k8s.io, kind: HTTPRoute, namespace: edge }]
  to: [{ group: '', kind: Service }]
${inShop('v1', 'Service', 'web')}
`);
  expect(new Set(lines)).toEqual(
    new Set([
      'GatewayClass envoy -exists-> Gateway edge/public (soft)',
      'Secret edge/edge-tls -exists-> Gateway edge/public (soft)',
      'Gateway edge/public -exists-> HTTPRoute edge/web (soft)',
      'Service shop/web -exists-> HTTPRoute edge/web (soft)',
      'ReferenceGrant shop/from-edge -exists-> HTTPRoute edge/web (soft)',
    ]),
  );
});

const scaler = (apiVersion: string, kind: string, spec: string) => `
---
apiVersion: ${apiVersion}
kind: ${kind}
metadata: { name: web, namespace: shop }
spec: ${spec}`;

test('row 17: scalers and disruption budgets come after what they rule', () => {
  const lines = linesFor(`
${podReferences}
${scaler('autoscaling/v2', 'HorizontalPodAutoscaler', '{ scaleTargetRef: { apiVersion: apps/v1, kind: Deployment, name: web } }')}
${scaler('autoscaling.k8s.io/v1', 'VerticalPodAutoscaler', '{ targetRef: { apiVersion: apps/v1, kind: Deployment, name: web } }')}
${scaler('keda.sh/v1alpha1', 'ScaledObject', '{ scaleTargetRef: { name: web }, triggers: [] }')}
${scaler('policy/v1', 'PodDisruptionBudget', '{ minAvailable: 1, selector: { matchLabels: { app: web } } }')}
`);
  expect(new Set(lines)).toEqual(
    new Set(
      ['HorizontalPodAutoscaler', 'VerticalPodAutoscaler', 'ScaledObject', 'PodDisruptionBudget'].map(
        (kind) => `Deployment shop/web -exists-> ${kind} shop/web (soft)`,
      ),
    ),
  );
});

test('objects that nothing orders start by kind rank, then by name', () => {
  const graph = planDeploy(
    designOf(`
${podReferences}
${inShop('v1', 'Service', 'b')}
${inShop('v1', 'Service', 'a')}
${cluster('v1', 'Namespace', 'other')}
${inShop('example.com/v1', 'Widget', 'w')}
`),
  );
  expect(graph.nodes.map(({ reference }) => `${reference.kind} ${reference.name}`)).toEqual([
    'Namespace other',
    'Service a',
    'Service b',
    'Deployment web',
    'Widget w',
  ]);
  expect(graph.stageCount).toBe(1);
});
