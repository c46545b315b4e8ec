import { expect, test } from 'vitest';
import { planDeploy } from '../../domain/plan.ts';
import { designOf, fixture, linesOf } from './plan/manifests.ts';
import { certManager, prometheusOperator } from './plan/operator-manifests.ts';

const linesFor = (manifest: string) => linesOf(planDeploy(designOf(manifest)));

test('row 2: a Broker of Meshery waits for its CRD to be established, and the plan says that it knows no operator', () => {
  const graph = planDeploy(
    designOf(`${fixture('meshery_v1alpha1_broker.yaml')}\n---\n${fixture('meshery.io_brokers.yaml')}`),
  );
  expect(linesOf(graph)).toEqual([
    'CustomResourceDefinition brokers.meshery.io -established-> Broker meshery/meshery-broker (hard)',
  ]);
  expect(graph.notes).toMatchObject([
    { severity: 'note', code: 'plan.unknownOperator', subject: 'CustomResourceDefinition brokers.meshery.io' },
  ]);
});

const crontabs = `
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: { name: crontabs.stable.example.com }
spec:
  group: stable.example.com
  names: { kind: CronTab, plural: crontabs }
  conversion:
    strategy: Webhook
    webhook: { clientConfig: { service: { name: converter, namespace: tools } } }
---
apiVersion: v1
kind: Service
metadata: { name: converter, namespace: tools }
spec: { selector: { app: converter } }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: converter, namespace: tools }
spec: { template: { metadata: { labels: { app: converter } }, spec: { containers: [{ name: converter }] } } }
---
apiVersion: stable.example.com/v1
kind: CronTab
metadata: { name: nightly, namespace: shop }
spec: {}
`;

test('row 3: a custom resource waits for the webhook that converts it', () => {
  const lines = linesFor(crontabs);
  expect(lines).toContain('Deployment tools/converter -ready-> CronTab shop/nightly (hard)');
  expect(lines).toContain('Service tools/converter -exists-> CronTab shop/nightly (hard)');
});

test('row 4: the operator is the workload that may write the status of the kind, not one that may read everything', () => {
  const graph = planDeploy(designOf(prometheusOperator));
  const lines = linesOf(graph);
  const operated = lines.filter((line) => line.includes('-> Prometheus monitoring/main'));
  expect(operated).toEqual([
    'Namespace monitoring -exists-> Prometheus monitoring/main (hard)',
    'CustomResourceDefinition prometheuses.monitoring.coreos.com -established-> Prometheus monitoring/main (hard)',
    'Deployment monitoring/prometheus-operator -ready-> Prometheus monitoring/main (soft)',
  ]);
  expect(lines).toContain(
    'CustomResourceDefinition prometheuses.monitoring.coreos.com -established-> Deployment monitoring/prometheus-operator (soft)',
  );
  expect(graph.notes).toEqual([]);
});

test('row 4: a chart with several workloads is told apart by their rights', () => {
  const lines = linesFor(certManager);
  expect(lines).toContain('Deployment cert-manager/cert-manager -ready-> Issuer shop/internal (soft)');
  expect(lines).not.toContain('Deployment cert-manager/cert-manager-webhook -ready-> Issuer shop/internal (soft)');
});

test('row 4: without rights to tell by, the workloads of the chart are taken', () => {
  const withoutRights = certManager.replaceAll('verbs: [get, list, watch]', 'verbs: [get]');
  const lines = linesFor(withoutRights);
  expect(lines).toContain('Deployment cert-manager/cert-manager -ready-> Issuer shop/internal (soft)');
});

test('row 4: an operator whose own webhook fails closed is waited for without fail', () => {
  const selfServing = prometheusOperator.concat(`
---
apiVersion: v1
kind: Service
metadata: { name: prometheus-operator, namespace: monitoring }
spec: { selector: { app: prometheus-operator } }
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingWebhookConfiguration
metadata: { name: prometheus-operator }
webhooks:
  - name: prometheus.monitoring.coreos.com
    clientConfig: { service: { name: prometheus-operator, namespace: monitoring } }
    rules: [{ apiGroups: [monitoring.coreos.com], apiVersions: ['*'], operations: [CREATE], resources: [prometheuses] }]
`);
  expect(linesFor(selfServing)).toContain(
    'Deployment monitoring/prometheus-operator -ready-> Prometheus monitoring/main (hard)',
  );
});

test('row 11: pods wait for the Certificate that makes their Secret to be ready, routes only for it to exist', () => {
  const lines = linesFor(certManager);
  expect(lines).toContain('Certificate shop/web -ready-> Deployment shop/web (soft)');
  expect(lines).toContain('Certificate shop/web -exists-> Ingress shop/web (soft)');
});

const user = (name: string) => `
---
apiVersion: v1
kind: Pod
metadata: { name: ${name}-user, namespace: shop }
spec: { containers: [{ name: main, envFrom: [{ secretRef: { name: ${name} } }] }] }`;

test('row 11: Secrets of External Secrets, Sealed Secrets and Crossplane are known', () => {
  const lines = linesFor(`
apiVersion: external-secrets.io/v1
kind: ExternalSecret
metadata: { name: from-vault, namespace: shop }
spec: { target: { name: vault } }
---
apiVersion: bitnami.com/v1alpha1
kind: SealedSecret
metadata: { name: sealed, namespace: shop }
---
apiVersion: rds.aws.upbound.io/v1beta1
kind: Instance
metadata: { name: orders }
spec: { writeConnectionSecretToRef: { name: orders, namespace: shop } }
${user('vault')}
${user('sealed')}
${user('orders')}
`);
  expect(new Set(lines)).toEqual(
    new Set([
      'ExternalSecret shop/from-vault -ready-> Pod shop/vault-user (soft)',
      'SealedSecret shop/sealed -ready-> Pod shop/sealed-user (soft)',
      'Instance orders -ready-> Pod shop/orders-user (soft)',
    ]),
  );
});

test('row 18: custom resources wait for what they refer to', () => {
  const lines = linesFor(certManager);
  expect(lines).toContain('Issuer shop/internal -exists-> Certificate shop/web (soft)');
});

test('row 18: references of KEDA, Flux and Crossplane are found, whatever the field is called', () => {
  const lines = linesFor(`
apiVersion: keda.sh/v1alpha1
kind: TriggerAuthentication
metadata: { name: queue, namespace: shop }
spec: { secretTargetRef: [{ parameter: host, name: queue-host, key: host }] }
---
apiVersion: keda.sh/v1alpha1
kind: ScaledObject
metadata: { name: worker, namespace: shop }
spec:
  scaleTargetRef: { name: worker }
  triggers: [{ type: rabbitmq, authenticationRef: { kind: TriggerAuthentication, name: queue } }]
---
apiVersion: source.toolkit.fluxcd.io/v1
kind: GitRepository
metadata: { name: shop, namespace: flux-system }
spec: { secretRef: { name: git } }
---
apiVersion: v1
kind: Secret
metadata: { name: git, namespace: flux-system }
---
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: { name: shop, namespace: flux-system }
spec: { sourceRef: { kind: GitRepository, name: shop } }
---
apiVersion: aws.upbound.io/v1beta1
kind: ProviderConfig
metadata: { name: default }
---
apiVersion: s3.aws.upbound.io/v1beta1
kind: Bucket
metadata: { name: files }
spec: { providerConfigRef: { name: default } }
`);
  expect(new Set(lines)).toEqual(
    new Set([
      'TriggerAuthentication shop/queue -exists-> ScaledObject shop/worker (soft)',
      'Secret flux-system/git -exists-> GitRepository flux-system/shop (soft)',
      'GitRepository flux-system/shop -exists-> Kustomization flux-system/shop (soft)',
      'ProviderConfig default -exists-> Bucket files (soft)',
    ]),
  );
});

test('row 18: the VirtualService of Bookinfo waits for its Gateway, its Service and the DestinationRules of its host', () => {
  const lines = linesFor(`
${fixture('bookinfo-gateway.yaml')}
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: productpage }
spec: { host: productpage, subsets: [{ name: v1, labels: { version: v1 } }] }
---
apiVersion: v1
kind: Service
metadata: { name: productpage }
`);
  expect(new Set(lines)).toEqual(
    new Set([
      'Gateway sample-app-gateway -exists-> VirtualService bookinfo (soft)',
      'Service productpage -exists-> VirtualService bookinfo (soft)',
      'DestinationRule productpage -exists-> VirtualService bookinfo (soft)',
      'Service productpage -exists-> DestinationRule productpage (soft)',
    ]),
  );
});

test('row 18: an object comes after its owner in the design', () => {
  const lines = linesFor(`
apiVersion: v1
kind: ConfigMap
metadata:
  name: owned
  namespace: shop
  ownerReferences: [{ apiVersion: example.com/v1, kind: Shop, name: main, uid: '' }]
---
apiVersion: example.com/v1
kind: Shop
metadata: { name: main, namespace: shop }
`);
  expect(lines).toEqual(['Shop shop/main -exists-> ConfigMap shop/owned (soft)']);
});

test('row 20: custom resources wait for the release that brings their kind', () => {
  const components = designOf(`
apiVersion: helm.slipway.dev/v1
kind: Release
metadata: { name: strimzi, namespace: kafka }
---
apiVersion: kafka.strimzi.io/v1beta2
kind: Kafka
metadata: { name: orders, namespace: shop }
`);
  const graph = planDeploy(components, {
    provides: { 'release.kafka.strimzi': [{ group: 'kafka.strimzi.io', kind: 'Kafka' }] },
  });
  expect(linesOf(graph)).toEqual(['Release kafka/strimzi -ready-> Kafka shop/orders (hard)']);
});
