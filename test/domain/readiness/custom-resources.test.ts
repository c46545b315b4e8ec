import { expect, test } from 'vitest';
import type { Readiness } from '../../../domain/readiness/verdict.ts';
import { readinessOf } from '../../../domain/readiness.ts';

type Condition = { type: string; status: string; reason?: string; observedGeneration?: number };
type Example = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly generation?: number;
  readonly spec?: Record<string, unknown>;
  readonly conditions?: readonly Condition[];
  readonly status?: Record<string, unknown>;
  readonly expected: Readiness['status'];
};

const now = new Date('2026-01-01T00:00:00Z');
const isTrue = (...types: string[]): Condition[] => types.map((type) => ({ type, status: 'True' }));
const isFalse = (type: string, reason = ''): Condition => ({ type, status: 'False', reason });
const isUnknown = (type: string, reason = ''): Condition => ({ type, status: 'Unknown', reason });

function judge({ apiVersion, kind, generation = 1, spec = {}, status, conditions }: Example): Readiness {
  const reported = { ...status, ...(conditions === undefined ? {} : { conditions }) };
  return readinessOf(
    { apiVersion, kind, metadata: { name: 'example', generation }, spec, status: reported },
    { mode: 'strict', now },
  );
}

function describeExample({ kind, status = {}, conditions = [], expected }: Example): string {
  const said = [...conditions.map(({ type, status: value }) => `${type}=${value}`), JSON.stringify(status)].join(' ');
  return `${kind} with ${said} is ${expected}`;
}

const examples: readonly Example[] = [
  // Conditions that sum up, and parts that they speak for.
  {
    apiVersion: 'serving.knative.dev/v1',
    kind: 'Revision',
    conditions: [...isTrue('Ready'), isFalse('Active', 'NoTraffic')],
    expected: 'ready',
  },
  {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    conditions: [...isTrue('Ready'), isFalse('Active'), isFalse('Fallback'), isFalse('Paused')],
    expected: 'ready',
  },
  {
    apiVersion: 'keda.sh/v1alpha1',
    kind: 'ScaledObject',
    conditions: isTrue('Ready', 'Paused'),
    expected: 'suspended',
  },
  {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'MachineDeployment',
    conditions: [
      ...isTrue('Available', 'MachinesReady'),
      isFalse('RollingOut'),
      isFalse('Remediating'),
      isFalse('Paused'),
    ],
    expected: 'ready',
  },
  {
    apiVersion: 'cluster.x-k8s.io/v1beta2',
    kind: 'MachineDeployment',
    conditions: isTrue('Available', 'ScalingUp'),
    expected: 'progressing',
  },
  {
    apiVersion: 'apiextensions.crossplane.io/v1',
    kind: 'CompositeResourceDefinition',
    conditions: isTrue('Established', 'Offered'),
    expected: 'ready',
  },
  {
    apiVersion: 'rds.aws.upbound.io/v1beta1',
    kind: 'Instance',
    conditions: [...isTrue('Synced'), isFalse('Ready', 'Creating')],
    expected: 'progressing',
  },
  {
    apiVersion: 'rds.aws.upbound.io/v1beta1',
    kind: 'Instance',
    conditions: [isFalse('Synced', 'ReconcileError')],
    expected: 'failed',
  },
  {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    conditions: [isUnknown('Ready', 'Progressing'), ...isTrue('Reconciling')],
    expected: 'progressing',
  },
  {
    apiVersion: 'external-secrets.io/v1',
    kind: 'ExternalSecret',
    conditions: [isFalse('Ready', 'SecretSyncedError')],
    expected: 'failed',
  },
  {
    apiVersion: 'hive.openshift.io/v1',
    kind: 'ClusterDeployment',
    conditions: [...isTrue('Provisioned'), isFalse('DNSNotReady'), isFalse('ProvisionFailed')],
    expected: 'ready',
  },
  {
    apiVersion: 'operator.tigera.io/v1',
    kind: 'TigeraStatus',
    conditions: [...isTrue('Available'), isFalse('Progressing'), isFalse('Degraded')],
    expected: 'ready',
  },
  {
    apiVersion: 'machineconfiguration.openshift.io/v1',
    kind: 'MachineConfigPool',
    conditions: isTrue('Updating'),
    status: { machineCount: 3, readyMachineCount: 1 },
    expected: 'progressing',
  },
  {
    apiVersion: 'kafka.strimzi.io/v1beta2',
    kind: 'Kafka',
    conditions: [{ type: 'NotReady', status: 'True', reason: 'Creating' }],
    expected: 'progressing',
  },
  { apiVersion: 'kafka.strimzi.io/v1beta2', kind: 'Kafka', conditions: isTrue('Ready'), expected: 'ready' },
  {
    apiVersion: 'bitnami.com/v1alpha1',
    kind: 'SealedSecret',
    conditions: [isFalse('Synced')],
    expected: 'progressing',
  },
  {
    apiVersion: 'tekton.dev/v1',
    kind: 'PipelineRun',
    conditions: [isUnknown('Succeeded', 'Running')],
    expected: 'progressing',
  },
  {
    apiVersion: 'kubeflow.org/v1',
    kind: 'PyTorchJob',
    conditions: [...isTrue('Created', 'Running')],
    expected: 'progressing',
  },
  {
    apiVersion: 'kubeflow.org/v1',
    kind: 'PyTorchJob',
    conditions: [...isTrue('Created', 'Succeeded'), isFalse('Running')],
    expected: 'ready',
  },
  {
    apiVersion: 'monitoring.coreos.com/v1',
    kind: 'Prometheus',
    conditions: [...isTrue('Reconciled'), { type: 'Available', status: 'Degraded' }],
    expected: 'unknown',
  },
  {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    conditions: [...isTrue('Ready'), isFalse('LiveMigratable')],
    status: { printableStatus: 'Running', ready: true },
    expected: 'ready',
  },
  { apiVersion: 'acme.example/v1', kind: 'Thing', conditions: [isFalse('Brewed')], expected: 'progressing' },
  { apiVersion: 'acme.example/v1', kind: 'Thing', conditions: isTrue('Stalled', 'Ready'), expected: 'failed' },
  // Generations.
  {
    apiVersion: 'acme.example/v1',
    kind: 'Thing',
    generation: 2,
    conditions: isTrue('Ready'),
    status: { observedGeneration: 1 },
    expected: 'progressing',
  },
  {
    apiVersion: 'acme.example/v1',
    kind: 'Thing',
    generation: 2,
    conditions: [{ type: 'Ready', status: 'True', observedGeneration: 1 }],
    expected: 'progressing',
  },
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Rollout',
    generation: 2,
    conditions: isTrue('Available'),
    status: { observedGeneration: '1' },
    expected: 'progressing',
  },
  // Phases, states and health.
  {
    apiVersion: 'elasticsearch.k8s.elastic.co/v1',
    kind: 'Elasticsearch',
    status: { health: 'green', phase: 'Ready' },
    expected: 'ready',
  },
  {
    apiVersion: 'elasticsearch.k8s.elastic.co/v1',
    kind: 'Elasticsearch',
    status: { health: 'green', phase: 'ApplyingChanges' },
    expected: 'progressing',
  },
  {
    apiVersion: 'elasticsearch.k8s.elastic.co/v1',
    kind: 'Elasticsearch',
    status: { health: 'red' },
    expected: 'failed',
  },
  { apiVersion: 'velero.io/v1', kind: 'Backup', status: { phase: 'PartiallyFailed' }, expected: 'failed' },
  { apiVersion: 'velero.io/v1', kind: 'BackupStorageLocation', status: { phase: 'Available' }, expected: 'ready' },
  { apiVersion: 'argoproj.io/v1alpha1', kind: 'Workflow', status: { phase: 'Running' }, expected: 'progressing' },
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    status: { health: { status: 'Degraded' }, sync: { status: 'Synced' } },
    expected: 'failed',
  },
  {
    apiVersion: 'argoproj.io/v1alpha1',
    kind: 'Application',
    status: { health: { status: 'Healthy' }, operationState: { phase: 'Succeeded' } },
    expected: 'ready',
  },
  {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'ClusterServiceVersion',
    status: { phase: 'InstallReady' },
    expected: 'progressing',
  },
  {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'ClusterServiceVersion',
    status: { phase: 'Succeeded' },
    expected: 'ready',
  },
  {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'Subscription',
    status: { state: 'AtLatestKnown' },
    conditions: [isFalse('CatalogSourcesUnhealthy')],
    expected: 'ready',
  },
  {
    apiVersion: 'operators.coreos.com/v1alpha1',
    kind: 'Subscription',
    status: { state: 'UpgradePending' },
    expected: 'progressing',
  },
  {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    status: { phase: 'Cluster in healthy state', instances: 3, readyInstances: 3 },
    expected: 'ready',
  },
  {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    status: { phase: 'Setting up primary', instances: 3 },
    expected: 'progressing',
  },
  {
    apiVersion: 'postgresql.cnpg.io/v1',
    kind: 'Cluster',
    status: { phase: 'Cluster in healthy state', instances: 3, readyInstances: 1 },
    expected: 'progressing',
  },
  {
    apiVersion: 'psmdb.percona.com/v1',
    kind: 'PerconaServerMongoDB',
    status: { state: 'ready' },
    conditions: isTrue('initializing', 'ready'),
    expected: 'ready',
  },
  {
    apiVersion: 'ceph.rook.io/v1',
    kind: 'CephCluster',
    status: { phase: 'Ready', state: 'Created', ceph: { health: 'HEALTH_OK' } },
    expected: 'ready',
  },
  {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    status: { phase: 'ImportInProgress' },
    expected: 'progressing',
  },
  {
    apiVersion: 'cdi.kubevirt.io/v1beta1',
    kind: 'DataVolume',
    status: { phase: 'Succeeded' },
    conditions: [...isTrue('Ready', 'Bound'), isFalse('Running', 'Completed')],
    expected: 'ready',
  },
  {
    apiVersion: 'kubevirt.io/v1',
    kind: 'VirtualMachine',
    status: { printableStatus: 'Stopped' },
    expected: 'suspended',
  },
  {
    apiVersion: 'acid.zalan.do/v1',
    kind: 'postgresql',
    status: { PostgresClusterStatus: 'CreateFailed' },
    expected: 'failed',
  },
  {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    status: { state: 'ready', desiredWorkerReplicas: 2, readyWorkerReplicas: 1 },
    expected: 'progressing',
  },
  { apiVersion: 'flagger.app/v1beta1', kind: 'Canary', status: { phase: 'WaitingPromotion' }, expected: 'progressing' },
  {
    apiVersion: 'minio.min.io/v2',
    kind: 'Tenant',
    status: { currentState: 'Initialized', healthStatus: 'green' },
    expected: 'ready',
  },
  { apiVersion: 'acme.cert-manager.io/v1', kind: 'Challenge', status: { state: 'invalid' }, expected: 'failed' },
  {
    apiVersion: 'core.oam.dev/v1beta1',
    kind: 'Application',
    status: { status: 'runningWorkflow' },
    expected: 'progressing',
  },
  { apiVersion: 'acme.example/v1', kind: 'Thing', status: { phase: 'Flibbertigibbet' }, expected: 'unknown' },
  {
    apiVersion: 'acme.example/v1',
    kind: 'Thing',
    status: { lastBackupStatus: 'Failed', phase: 'Running' },
    expected: 'ready',
  },
  {
    apiVersion: 'snapshot.storage.k8s.io/v1',
    kind: 'VolumeSnapshot',
    status: { readyToUse: false, error: { message: 'no class' } },
    expected: 'failed',
  },
  // Who reports per parent.
  {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    status: { ingress: [{ host: 'a.example', conditions: [isFalse('Admitted', 'HostAlreadyClaimed')] }] },
    expected: 'progressing',
  },
  {
    apiVersion: 'route.openshift.io/v1',
    kind: 'Route',
    status: { ingress: [{ host: 'a.example', conditions: isTrue('Admitted') }] },
    expected: 'ready',
  },
  // Counters and suspension.
  {
    apiVersion: 'zookeeper.pravega.io/v1beta1',
    kind: 'ZookeeperCluster',
    spec: { replicas: 3 },
    status: { replicas: 3, readyReplicas: 2 },
    expected: 'progressing',
  },
  {
    apiVersion: 'scylla.scylladb.com/v1',
    kind: 'ScyllaCluster',
    status: { racks: { a: { members: 3, readyMembers: 2 } } },
    expected: 'progressing',
  },
  {
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    spec: { suspend: true },
    conditions: isTrue('Ready'),
    expected: 'suspended',
  },
  // Silence.
  { apiVersion: 'acme.example/v1', kind: 'Thing', expected: 'progressing' },
  { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', expected: 'ready' },
  { apiVersion: 'azure.upbound.io/v1beta1', kind: 'ProviderConfig', expected: 'ready' },
  { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'HelmRepository', spec: { type: 'oci' }, expected: 'ready' },
  { apiVersion: 'source.toolkit.fluxcd.io/v1', kind: 'HelmRepository', expected: 'progressing' },
  {
    apiVersion: 's3.services.k8s.aws/v1alpha1',
    kind: 'Bucket',
    status: { ackResourceMetadata: { region: 'x' } },
    expected: 'progressing',
  },
];

test.each(examples.map((example) => ({ example, name: describeExample(example) })))('$name', ({ example }) => {
  expect(judge(example).status).toBe(example.expected);
});

const thing = { apiVersion: 'acme.example/v1', kind: 'Thing', metadata: { name: 'example' } };

test('a resource whose definition declares conditions is surely not ready before it has a status', () => {
  const statusSchema = { hasStatus: true, conditions: true, observedGeneration: false };
  expect(readinessOf(thing, { mode: 'strict', now, statusSchema })).toMatchObject({
    status: 'progressing',
    confidence: 'high',
  });
});

test('a resource whose definition declares no status is ready, with low confidence', () => {
  const statusSchema = { hasStatus: false, conditions: false, observedGeneration: false };
  expect(readinessOf(thing, { mode: 'strict', now, statusSchema })).toMatchObject({
    status: 'ready',
    confidence: 'low',
  });
});

test('a status without the conditions that the definition declares is not ready', () => {
  const statusSchema = { hasStatus: true, conditions: true, observedGeneration: false };
  const object = { ...thing, status: { url: 'https://a.example' } };
  expect(readinessOf(object, { mode: 'strict', now, statusSchema }).status).toBe('progressing');
});

test('a kind known to hold only data is ready whatever its definition declares', () => {
  const statusSchema = { hasStatus: true, conditions: true, observedGeneration: true };
  const route = { apiVersion: 'networking.istio.io/v1', kind: 'VirtualService', metadata: { name: 'example' } };
  expect(readinessOf(route, { mode: 'strict', now, statusSchema }).status).toBe('ready');
});

test('a kind that only sounds like settings is awaited when its definition declares conditions', () => {
  const statusSchema = { hasStatus: true, conditions: true, observedGeneration: true };
  const config = {
    apiVersion: 'bootstrap.cluster.x-k8s.io/v1beta2',
    kind: 'KubeadmConfig',
    metadata: { name: 'example' },
  };
  expect(readinessOf(config, { mode: 'strict', now, statusSchema }).status).toBe('progressing');
});

test('a word that nobody knows does not outweigh a plain Ready', () => {
  const status = { state: 'Flibbertigibbet', conditions: isTrue('Ready') };
  expect(readinessOf({ ...thing, status }, { mode: 'strict', now }).status).toBe('ready');
});

test('an object under deletion is terminating whatever else it says', () => {
  const metadata = { name: 'example', deletionTimestamp: '2026-01-01T00:00:00Z' };
  const object = { ...thing, metadata, status: { conditions: isTrue('Ready') } };
  expect(readinessOf(object, { mode: 'strict', now }).status).toBe('terminating');
});

test('the message names the condition that speaks against readiness', () => {
  const conditions = [{ type: 'Ready', status: 'False', reason: 'Pulling', message: 'image is 40 % there' }];
  expect(readinessOf({ ...thing, status: { conditions } }, { mode: 'strict', now })).toMatchObject({
    message: 'Ready is False: image is 40 % there',
    reason: 'Pulling',
  });
});
