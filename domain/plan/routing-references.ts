import { arrayAt, objectAt, stringAt, valueAt, type JsonPath } from '../json.ts';
import { isKind, type PlannedObject } from './planned-object.ts';
import { refersTo, type Reference } from './reference.ts';

export const gatewayGroup = 'gateway.networking.k8s.io';
const gatewayVersion = `${gatewayGroup}/v1`;

/** Kinds that bring traffic from outside to Services, as `group/Kind`. */
const routeKinds =
  /^((networking\.k8s\.io|extensions)\/Ingress|gateway\.networking\.k8s\.io\/\w+Route|route\.openshift\.io\/Route|networking\.istio\.io\/VirtualService|traefik\.(io|containo\.us)\/IngressRoute\w*|projectcontour\.io\/HTTPProxy)$/;

/** Whether the object brings traffic from outside to Services. */
export function isRoute({ group, kind }: PlannedObject): boolean {
  return routeKinds.test(`${group}/${kind}`);
}

/** What Ingresses, Gateways and routes of the Kubernetes APIs refer to. */
export function routingReferences(object: PlannedObject): readonly Reference[] {
  if (object.kind === 'Ingress' && isRoute(object)) return ingressReferences(object);
  if (isKind(object, gatewayGroup, 'Gateway')) return gatewayReferences(object);
  if (object.group === gatewayGroup && object.kind.endsWith('Route')) return routeReferences(object);
  return [];
}

function ingressReferences({ object, namespace }: PlannedObject): readonly Reference[] {
  const ingressClass = refersTo({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'IngressClass',
    name: stringAt(object, 'spec', 'ingressClassName'),
    path: ['spec', 'ingressClassName'],
    verb: 'is of',
    strength: 'soft',
    weight: 'routing',
  });
  // Controllers serve a certificate of their own until the Secret is there, so a missing one is no error.
  const certificates = arrayAt(object, 'spec', 'tls').flatMap((tls, position) =>
    refersTo({
      apiVersion: 'v1',
      kind: 'Secret',
      name: stringAt(tls, 'secretName'),
      namespace,
      path: ['spec', 'tls', position, 'secretName'],
      verb: 'serves TLS with',
      optional: true,
      strength: 'hard',
    }),
  );
  return [
    ...ingressClass,
    ...ingressBackends(object).flatMap((backend) => backendReferences(backend, namespace)),
    ...certificates,
  ];
}

type Backend = { readonly backend: unknown; readonly path: JsonPath };

/** Of networking.k8s.io/v1, and of the older spelling `serviceName`. */
function ingressBackends(object: unknown): readonly Backend[] {
  const paths = arrayAt(object, 'spec', 'rules').flatMap((rule, rulePosition) =>
    arrayAt(rule, 'http', 'paths').map((entry, position) => ({
      backend: valueAt(entry, 'backend'),
      path: ['spec', 'rules', rulePosition, 'http', 'paths', position, 'backend'],
    })),
  );
  const defaults = ['defaultBackend', 'backend'].map((field) => ({
    backend: valueAt(object, 'spec', field),
    path: ['spec', field],
  }));
  return [...defaults, ...paths];
}

function backendReferences({ backend, path }: Backend, namespace: string | undefined): readonly Reference[] {
  return refersTo({
    apiVersion: 'v1',
    kind: 'Service',
    name: stringAt(backend, 'service', 'name') ?? stringAt(backend, 'serviceName'),
    namespace,
    path,
    verb: 'routes to',
    strength: 'soft',
    weight: 'routing',
  });
}

function gatewayReferences({ object, namespace }: PlannedObject): readonly Reference[] {
  const gatewayClass = refersTo({
    apiVersion: gatewayVersion,
    kind: 'GatewayClass',
    name: stringAt(object, 'spec', 'gatewayClassName'),
    path: ['spec', 'gatewayClassName'],
    verb: 'is of',
    strength: 'soft',
    weight: 'routing',
  });
  const certificates = arrayAt(object, 'spec', 'listeners').flatMap((listener, position) =>
    arrayAt(listener, 'tls', 'certificateRefs').flatMap((certificate, certificatePosition) =>
      gatewayReference(certificate, {
        path: ['spec', 'listeners', position, 'tls', 'certificateRefs', certificatePosition],
        kind: 'Secret',
        group: '',
        namespace,
        verb: 'serves TLS with',
      }),
    ),
  );
  return [...gatewayClass, ...certificates];
}

function routeReferences({ object, namespace }: PlannedObject): readonly Reference[] {
  const parents = arrayAt(object, 'spec', 'parentRefs').flatMap((parent, position) =>
    gatewayReference(parent, {
      path: ['spec', 'parentRefs', position],
      kind: 'Gateway',
      group: gatewayGroup,
      namespace,
      verb: 'is attached to',
    }),
  );
  const backends = arrayAt(object, 'spec', 'rules').flatMap((rule, position) =>
    ruleBackends(rule, ['spec', 'rules', position]).flatMap(({ backend, path }) =>
      gatewayReference(backend, { path, kind: 'Service', group: '', namespace, verb: 'routes to' }),
    ),
  );
  return [...parents, ...backends];
}

function ruleBackends(rule: unknown, at: JsonPath): readonly Backend[] {
  const mirrors = arrayAt(rule, 'filters').map((filter, position) => ({
    backend: objectAt(filter, 'requestMirror', 'backendRef'),
    path: [...at, 'filters', position, 'requestMirror', 'backendRef'],
  }));
  const backends = arrayAt(rule, 'backendRefs').map((backend, position) => ({
    backend,
    path: [...at, 'backendRefs', position],
  }));
  return [...backends, ...mirrors];
}

type GatewayReferenceDefaults = {
  readonly path: JsonPath;
  readonly kind: string;
  readonly group: string;
  readonly namespace: string | undefined;
  readonly verb: string;
};

/** References of the Gateway API leave out group, kind and namespace where the field has a default. */
function gatewayReference(value: unknown, { path, verb, ...defaults }: GatewayReferenceDefaults): readonly Reference[] {
  const group = stringAt(value, 'group') ?? defaults.group;
  return refersTo({
    apiVersion: group === '' ? 'v1' : `${group}/v1`,
    kind: stringAt(value, 'kind') ?? defaults.kind,
    name: stringAt(value, 'name'),
    namespace: stringAt(value, 'namespace') ?? defaults.namespace,
    path,
    verb,
    strength: 'soft',
    weight: 'routing',
  });
}
