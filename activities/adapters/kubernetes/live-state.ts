import { SlipwayError } from '../../../domain/errors.ts';
import {
  type KubernetesObject,
  objectKey,
  type ObjectReference,
  referenceOf,
} from '../../../domain/kubernetes-object.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

/** So many objects of one kind in one namespace are read by one list, fewer by a request each. */
const listFromCount = 12;

type Collection = {
  readonly apiVersion: string;
  readonly kind: string;
  readonly namespace: string | undefined;
  readonly references: ObjectReference[];
};

/** Those of the named objects that exist, by key, whole. Kinds that are not served have none. */
export async function readLive(
  client: ClusterClient,
  references: readonly ObjectReference[],
  signal: AbortSignal,
): Promise<ReadonlyMap<string, KubernetesObject>> {
  const collections = collect(references);
  const present = await withExistingNamespaces(client, collections, signal);
  const found = await Promise.all(present.map((collection) => readCollection(client, collection, signal)));
  return new Map(found.flat().map((object) => [objectKey(referenceOf(object)), object]));
}

function collect(references: readonly ObjectReference[]): readonly Collection[] {
  const collections = new Map<string, Collection>();
  for (const reference of references) {
    const { apiVersion, kind, namespace } = reference;
    const key = `${apiVersion}/${kind}/${namespace ?? ''}`;
    const collection = collections.get(key) ?? { apiVersion, kind, namespace, references: [] };
    collection.references.push(reference);
    collections.set(key, collection);
  }
  return [...collections.values()];
}

/** Nothing can be in a namespace that is not there, so that a first deploy asks for it once and not for each object. */
async function withExistingNamespaces(
  client: ClusterClient,
  collections: readonly Collection[],
  signal: AbortSignal,
): Promise<readonly Collection[]> {
  const names = new Set(collections.flatMap(({ namespace }) => (namespace === undefined ? [] : [namespace])));
  const existing = await Promise.all(
    [...names].map(async (name) => ((await namespaceExists(client, name, signal)) ? [name] : [])),
  );
  const present = new Set(existing.flat());
  return collections.filter(({ namespace }) => namespace === undefined || present.has(namespace));
}

/** True also where the user may not read namespaces: the objects themselves will tell. */
async function namespaceExists(client: ClusterClient, name: string, signal: AbortSignal): Promise<boolean> {
  try {
    return (await client.find({ apiVersion: 'v1', kind: 'Namespace', name }, { signal })) !== undefined;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'forbidden') return true;
    throw error;
  }
}

async function readCollection(
  client: ClusterClient,
  { apiVersion, kind, namespace, references }: Collection,
  signal: AbortSignal,
): Promise<readonly KubernetesObject[]> {
  const resource = await client.discovery.resourceFor(apiVersion, kind, { signal });
  if (resource === undefined) return [];
  if (references.length < listFromCount) {
    const found = await Promise.all(references.map((reference) => client.find(reference, { signal })));
    return found.filter((object) => object !== undefined);
  }
  const wanted = new Set(references.map(({ name }) => name));
  const { objects } = await client.list(resource, { namespace, signal });
  return objects.filter(({ metadata }) => wanted.has(metadata.name));
}
