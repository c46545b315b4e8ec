import { arrayAt, stringAt } from '../json.ts';
import { hardEdge, softEdge, type CandidateEdge } from './candidate-edge.ts';
import { describe, find, workloadsBehind, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';
import { calledServices, isWebhookConfiguration } from './service-reference.ts';
import { interceptedBy, type AdmissionIndex } from './webhook-interception.ts';

const caInjection = 'cert-manager.io/inject-ca-from';

/** A webhook configuration of the design with the workloads and Services that answer its calls. */
export type Webhook = { readonly configuration: PlannedObject; readonly backends: readonly PlannedObject[] };

/** The webhook configurations of the design. */
export function webhooksOf(index: DesignIndex): readonly Webhook[] {
  return index.objects
    .filter(isWebhookConfiguration)
    .map((configuration) => ({ configuration, backends: backendsOf(index, configuration) }));
}

/** The Services that the API server calls for an object, and the workloads behind them, as far as the design has them. */
export function backendsOf(index: DesignIndex, caller: PlannedObject): readonly PlannedObject[] {
  const backends = calledServices(caller).flatMap(({ target }) => {
    const service = find(index, target);
    return service === undefined ? [] : [service, ...workloadsBehind(index, service).map(({ object }) => object)];
  });
  return [...new Set(backends)];
}

/** A configuration whose backend does not answer holds up every object that it intercepts, so the backend is first. */
export function webhookBackendEdges(index: DesignIndex, webhooks: readonly Webhook[]): readonly CandidateEdge[] {
  return webhooks.flatMap((webhook) => [
    ...backendEdges(webhook.configuration, webhook.backends),
    ...certificateEdges(index, webhook.configuration),
  ]);
}

/** Edges from what answers the calls of `caller`. A load balancer is not waited for, as calls go to the cluster address. */
export function backendEdges(caller: PlannedObject, backends: readonly PlannedObject[]): readonly CandidateEdge[] {
  return backends.map((backend) =>
    softEdge(
      {
        prerequisite: backend.key,
        dependent: caller.key,
        needs: backend.kind === 'Service' ? 'exists' : 'ready',
        reason: `${describe(backend)} answers the calls of ${describe(caller)}`,
      },
      'webhookBackend',
    ),
  );
}

function certificateEdges(index: DesignIndex, configuration: PlannedObject): readonly CandidateEdge[] {
  const [namespace, name] = configuration.annotations[caInjection]?.split('/') ?? [];
  const certificate = index.byKey.get(`cert-manager.io/Certificate/${namespace ?? ''}/${name ?? ''}`);
  if (certificate === undefined) return [];
  return [
    softEdge(
      {
        prerequisite: certificate.key,
        dependent: configuration.key,
        needs: 'exists',
        reason: `${describe(configuration)} trusts ${describe(certificate)}`,
      },
      'certificate',
    ),
  ];
}

type InterceptionContext = {
  readonly admission: AdmissionIndex;
  /** The edges of all other rules. */
  readonly edges: readonly CandidateEdge[];
  /** Keys of the workloads that operate each kind, by `group/Kind`. */
  readonly operators: ReadonlyMap<string, ReadonlySet<string>>;
};

/**
 * Objects that a webhook intercepts come after its configuration, but not those that its own backend needs. Where the
 * backend also operates the object and the webhook fails closed, the edge is hard.
 */
export function interceptionEdges(
  webhooks: readonly Webhook[],
  context: InterceptionContext,
): readonly CandidateEdge[] {
  const prerequisites = prerequisitesByDependent(context.edges);
  return webhooks.flatMap((webhook) => {
    const exempt = closureOf([webhook.configuration, ...webhook.backends], prerequisites);
    return interceptedBy(context.admission, webhook.configuration)
      .filter(({ key }) => !exempt.has(key))
      .flatMap((object) => [
        configurationEdge(webhook.configuration, object),
        ...operatorEdges(webhook, object, context.operators),
      ]);
  });
}

function configurationEdge(configuration: PlannedObject, intercepted: PlannedObject): CandidateEdge {
  const injected = Object.keys(configuration.annotations).some((name) => name.startsWith(caInjection));
  return softEdge(
    {
      prerequisite: configuration.key,
      dependent: intercepted.key,
      needs: injected ? 'ready' : 'exists',
      reason: `${describe(configuration)} intercepts ${describe(intercepted)}`,
    },
    'interception',
  );
}

function operatorEdges(
  { configuration, backends }: Webhook,
  object: PlannedObject,
  operators: InterceptionContext['operators'],
): readonly CandidateEdge[] {
  const own = operators.get(`${object.group}/${object.kind}`);
  if (own === undefined || !failsClosed(configuration)) return [];
  return backends
    .filter(({ key }) => own.has(key))
    .map((backend) =>
      hardEdge({
        prerequisite: backend.key,
        dependent: object.key,
        needs: 'ready',
        reason: `${describe(backend)} admits ${describe(object)}`,
      }),
    );
}

function failsClosed({ object }: PlannedObject): boolean {
  return arrayAt(object, 'webhooks').some((webhook) => stringAt(webhook, 'failurePolicy') !== 'Ignore');
}

function prerequisitesByDependent(edges: readonly CandidateEdge[]): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  for (const { prerequisite, dependent } of edges) {
    const list = found.get(dependent);
    if (list === undefined) found.set(dependent, [prerequisite]);
    else list.push(prerequisite);
  }
  return found;
}

/** The objects themselves and all that they need, directly or not. */
function closureOf(
  objects: readonly PlannedObject[],
  prerequisites: ReadonlyMap<string, readonly string[]>,
): ReadonlySet<string> {
  const closure = new Set(objects.map(({ key }) => key));
  // A Set is walked in insertion order, with what is added on the way.
  for (const key of closure) {
    for (const prerequisite of prerequisites.get(key) ?? []) closure.add(prerequisite);
  }
  return closure;
}
