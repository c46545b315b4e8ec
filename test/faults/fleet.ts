import {
  type KubernetesObject,
  kubernetesObjectSchema,
  objectKey,
  type ObjectReference,
  referenceOf,
} from '../../domain/kubernetes-object.ts';
import type { ServedResource } from '../../infra/kubernetes/resource.ts';
import {
  configMap,
  customResource,
  definition,
  deployment,
  manifests,
  namespace,
  service,
  uniqueName,
  unschedulable,
} from '../e2e/manifests.ts';

/**
 * A design of some dozens of objects that stops halfway until the test lets it go on: a chain of ConfigMaps, each after the
 * one before, leads to the Deployment `gate`, whose pods wait for a node with a label; the second half waits for the gate.
 */
export type Fleet = {
  /** Of the namespace, and of everything that must not be mistaken for another test's. */
  readonly name: string;
  readonly objects: readonly KubernetesObject[];
  readonly source: string;
  readonly gate: ObjectReference;
  /** Label that a node needs before the gate becomes ready. */
  readonly gateLabel: string;
};

type FleetOptions = {
  readonly name?: string;
  /** Part of the data of every ConfigMap. */
  readonly version?: string;
  /** Names of ConfigMaps that come at once, beside all others. */
  readonly additions?: readonly string[];
  /** Whether a Deployment is among it that never becomes ready. */
  readonly stuck?: boolean;
};

const chainLength = 30;
const customKind = 'Widget';

export function createFleet({
  name = uniqueName('fleet'),
  version = '1',
  additions = [],
  stuck = false,
}: FleetOptions = {}): Fleet {
  const gateLabel = `gate.slipway.test/${name}`;
  const gate = deployment(name, 'gate', { podSpec: { nodeSelector: { [gateLabel]: 'open' } } });
  const lastLink = chainKey(name, chainLength);
  const behindGate = `apps/namespaces/${name}/Deployment/gate`;
  const objects = [
    namespace(name),
    definition(groupOfFleet(name), customKind),
    ...numbered('widget', 4).map((widget) => customResource(`${customKind}.${groupOfFleet(name)}`, name, widget)),
    ...numbered('secret', 5).map((secretName) => secret(name, secretName)),
    ...numbered('link', chainLength).map((link, index) =>
      index === 0
        ? configMap(name, link, { version })
        : after(configMap(name, link, { version }), chainKey(name, index)),
    ),
    after(gate, lastLink),
    ...numbered('late', 6).map((late) => after(configMap(name, late, { version }), behindGate)),
    ...numbered('web', 3).flatMap((web) => [
      after(service(name, web, web), behindGate),
      after(deployment(name, web), behindGate),
    ]),
    ...additions.map((addition) => configMap(name, addition, { version })),
    ...(stuck ? [unschedulable(name, 'stuck')] : []),
  ].map((object) => kubernetesObjectSchema.parse(object));
  return {
    name,
    objects,
    source: manifests(...objects),
    gate: { apiVersion: 'apps/v1', kind: 'Deployment', namespace: name, name: 'gate' },
    gateLabel,
  };
}

/** Keys of all its objects, in one order. */
export function keysOf({ objects }: Fleet): readonly string[] {
  return objects.map((object) => objectKey(referenceOf(object))).toSorted();
}

/** A ConfigMap of the chain, by its place from 1. */
export function linkOf({ name }: Fleet, place: number): ObjectReference {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: `link-${place}` };
}

/** The resource of its custom resources, which no discovery knows before the definition is there. */
export function widgetResource({ name }: Fleet): ServedResource {
  const group = groupOfFleet(name);
  return {
    group,
    version: 'v1',
    apiVersion: `${group}/v1`,
    kind: customKind,
    plural: 'widgets',
    namespaced: true,
    verbs: ['list', 'watch'],
    shortNames: [],
    categories: [],
    subresources: [],
    preferred: true,
  };
}

function groupOfFleet(name: string): string {
  return `${name}.example.com`;
}

function numbered(prefix: string, count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `${prefix}-${index + 1}`);
}

function chainKey(name: string, place: number): string {
  return `/namespaces/${name}/ConfigMap/link-${place}`;
}

function secret(inNamespace: string, name: string): object {
  const data = { password: Buffer.from(name).toString('base64') };
  return { apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: inNamespace }, type: 'Opaque', data };
}

/** The object, to be applied when the other is ready. */
function after(object: object, prerequisite: string): object {
  const parsed = kubernetesObjectSchema.parse(object);
  return {
    ...parsed,
    metadata: { ...parsed.metadata, annotations: { 'config.kubernetes.io/depends-on': prerequisite } },
  };
}
