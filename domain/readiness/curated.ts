/** What is known of a kind beyond what the general rules can see. */
export type CuratedKind = {
  /** The API group; a leading `*.` takes in every group below it, `*` alone every group. */
  readonly group: string;
  /** The kinds meant; absent for all kinds of the group. */
  readonly kinds?: readonly string[];
  /** Objects that only hold data: no controller has to answer before they count. */
  readonly passive?: true;
  /** As `passive`, but only where this field of the spec has this value. */
  readonly passiveWhere?: { readonly field: string; readonly is: string };
  /** Condition types that the controller always sets: until they are there, the object is not ready. */
  readonly expects?: readonly string[];
  /** The `conditions` list is a history of what once was, not what is. */
  readonly conditionsAreHistory?: true;
  /** Names of the numbers that the API uses for `state`. */
  readonly numberedStates?: Readonly<Record<number, string>>;
};

const passive = true;

/** Ordered: the first entry that fits a kind holds. */
const curatedKinds: readonly CuratedKind[] = [
  { group: 'networking.istio.io', passive },
  { group: 'security.istio.io', passive },
  { group: 'telemetry.istio.io', passive },
  { group: 'extensions.istio.io', passive },
  {
    group: 'monitoring.coreos.com',
    kinds: ['PodMonitor', 'Probe', 'PrometheusRule', 'ScrapeConfig', 'ServiceMonitor', 'AlertmanagerConfig'],
    passive,
  },
  {
    group: 'argoproj.io',
    kinds: [
      'AppProject',
      'AnalysisTemplate',
      'ClusterAnalysisTemplate',
      'ClusterWorkflowTemplate',
      'CronWorkflow',
      'WorkflowTemplate',
    ],
    passive,
  },
  { group: 'apiextensions.crossplane.io', kinds: ['Composition', 'EnvironmentConfig'], passive },
  { group: 'source.toolkit.fluxcd.io', kinds: ['HelmRepository'], passiveWhere: { field: 'type', is: 'oci' } },
  { group: '*', kinds: ['ClusterProviderConfig', 'ProviderConfig', 'ProviderConfigUsage'], passive },
  { group: 'helm.toolkit.fluxcd.io', expects: ['Ready'] },
  { group: 'kustomize.toolkit.fluxcd.io', expects: ['Ready'] },
  { group: 'notification.toolkit.fluxcd.io', kinds: ['Alert', 'Provider'], passive },
  { group: 'keda.sh', kinds: ['TriggerAuthentication', 'ClusterTriggerAuthentication'], passive },
  { group: 'tekton.dev', kinds: ['Task', 'ClusterTask', 'Pipeline', 'StepAction'], passive },
  { group: 'traefik.io', passive },
  { group: 'crd.projectcalico.org', passive },
  { group: 'projectcalico.org', passive },
  { group: 'cilium.io', passive },
  { group: 'security.openshift.io', passive },
  { group: 'template.openshift.io', passive },
  { group: 'gateway.networking.k8s.io', kinds: ['Gateway', 'GatewayClass'], expects: ['Accepted'] },
  { group: 'snapshot.storage.k8s.io', kinds: ['VolumeSnapshotClass'], passive },
  { group: 'cert-manager.io', expects: ['Ready'] },
  { group: 'serving.knative.dev', expects: ['Ready'] },
  { group: 'pkg.crossplane.io', kinds: ['Configuration', 'Function', 'Provider'], expects: ['Healthy', 'Installed'] },
  { group: '*.services.k8s.aws', kinds: ['FieldExport', 'AdoptedResource'], passive },
  { group: '*.services.k8s.aws', expects: ['ACK.ResourceSynced'] },
  { group: 'policy.open-cluster-management.io', kinds: ['OperatorPolicy'], expects: ['Compliant'] },
  { group: 'pxc.percona.com', conditionsAreHistory: true },
  { group: 'psmdb.percona.com', conditionsAreHistory: true },
  { group: 'gloo.solo.io', numberedStates: { 0: 'Pending', 1: 'Accepted', 2: 'Rejected', 3: 'Warning' } },
];

/** Kinds that hold settings for others, whatever their group: `FelixConfiguration`, `MachineTemplate`, … */
const passiveKind = /(?:Config|Configuration|Template|Params|Parameters|Grant)$/;

/** What is known of a kind; undefined where only the general rules apply. */
export function curatedKindOf(group: string, kind: string): CuratedKind | undefined {
  return curatedKinds.find(
    (entry) => fits(entry.group, group) && (entry.kinds === undefined || entry.kinds.includes(kind)),
  );
}

/** True for kinds that hold settings for others, whatever their group. */
export function isSettingsKind(kind: string): boolean {
  return passiveKind.test(kind);
}

function fits(pattern: string, group: string): boolean {
  if (pattern === '*') return true;
  return pattern.startsWith('*.') ? group.endsWith(pattern.slice(1)) : pattern === group;
}
