import { z } from 'zod';
import { definitionType } from '../../domain/custom-resource-definition.ts';
import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import { type ModelOverrides, type SourceState } from '../../domain/registry/model-source.ts';
import { digestOf } from '../digest.ts';
import type { ClusterClient } from '../kubernetes/cluster-client.ts';
import { builtInComponents, builtInResources } from './built-in-kinds.ts';
import { type ClusterOrigin, groupOfCrd, originOfCrd } from './cluster-origin.ts';
import { extractModels } from './extract.ts';
import type { ExtractedModel, ExtractOptions, Extraction } from './extracted.ts';
import { sourceTree, type SourceTree } from './source-tree.ts';

export type ClusterRequest = {
  readonly client: ClusterClient;
  /** API groups to read, `core` for the one without a name; undefined: all. */
  readonly groups: readonly string[] | undefined;
  readonly previous: SourceState | undefined;
  readonly extraction: ExtractOptions;
  readonly signal: AbortSignal;
};

export type ClusterReading =
  | { readonly changed: false; readonly state: SourceState }
  | { readonly changed: true; readonly state: SourceState; readonly extract: () => Extraction };

/** The kind of definitions of kinds. */
const indexSchema = z.object({ paths: z.record(z.string(), z.object({ serverRelativeURL: z.string() })) });

/**
 * The kinds that a cluster serves: its own as the model `kubernetes`, and those of CustomResourceDefinitions by what brought
 * them. That nothing has changed is told by three requests: the version, the index of schemas, and the definitions' metadata.
 */
export async function readCluster(request: ClusterRequest): Promise<ClusterReading> {
  request.client.discovery.invalidate();
  request.client.openApi.invalidate();
  const { state, kinds } = await readClusterState(request);
  if (request.previous?.digest === state.digest) return { changed: false, state };
  return { changed: true, state, extract: () => extractCluster(request, kinds) };
}

export type ClusterState = { readonly state: { readonly digest: string }; readonly kinds: ClusterKinds };

/** What a cluster serves, as a digest that is another when a kind comes, changes or goes. */
export async function readClusterState(
  request: Pick<ClusterRequest, 'client' | 'groups' | 'signal'>,
): Promise<ClusterState> {
  const { client, signal } = request;
  const [{ gitVersion }, schemas, { objects }] = await Promise.all([
    client.version({ signal }),
    readIndex(client, signal),
    client.list(definitionType, { metadataOnly: true, signal }),
  ]);
  const crds = objects
    .filter(({ metadata }) => isWanted(request, groupOfCrd(metadata.name)))
    .toSorted((one, other) => (one.metadata.name < other.metadata.name ? -1 : 1));
  // The schemas of definitions are published some time after them, and are in them anyway.
  const custom = new Set(objects.map(({ metadata }) => groupOfCrd(metadata.name)));
  const builtIn = schemas.filter(({ group }) => !custom.has(group) && isWanted(request, group));
  const digest = digestOf({ gitVersion, schemas: builtIn.map(({ url }) => url), crds: crds.map(identityOf) });
  return { state: { digest }, kinds: { gitVersion, crds } };
}

type PublishedSchemas = { readonly group: string; readonly url: string };

/** The address of each group version's schemas, which carries the hash of their content. */
async function readIndex(client: ClusterClient, signal: AbortSignal): Promise<readonly PublishedSchemas[]> {
  const { paths } = indexSchema.parse(JSON.parse(await client.getText('/openapi/v3', { signal })));
  return Object.entries(paths)
    .map(([path, { serverRelativeURL }]) => ({ group: groupOfPath(path), url: serverRelativeURL }))
    .toSorted((one, other) => (one.url < other.url ? -1 : 1));
}

/** `apps` of `apis/apps/v1`, the empty one of `api/v1`. */
function groupOfPath(path: string): string {
  return /^apis\/([^/]+)/.exec(path)?.[1] ?? '';
}

function identityOf({ metadata: { name, uid, generation, labels, annotations } }: KubernetesObject) {
  return { name, uid, generation, labels, annotations };
}

type ClusterKinds = { readonly gitVersion: string; readonly crds: readonly KubernetesObject[] };

async function* extractCluster(request: ClusterRequest, kinds: ClusterKinds): Extraction {
  const { extraction, client, signal } = request;
  const builtIn = await builtInModel(request, kinds);
  if (builtIn !== undefined) yield builtIn;
  const byModel = Map.groupBy(kinds.crds, (crd) => originOfCrd(crd).name);
  for (const crds of byModel.values()) {
    signal.throwIfAborted();
    const overrides = { ...overridesOf(crds), ...extraction.overrides };
    yield* extractModels(crdTree(client, crds, signal), { ...extraction, overrides });
  }
}

/** What is said most precisely of any of the definitions holds for all. */
function overridesOf(crds: readonly KubernetesObject[]): ModelOverrides {
  const origins = crds.map(originOfCrd);
  const [first] = origins;
  const version = origins.map((origin: ClusterOrigin) => origin.version).find((one) => one !== '');
  return {
    ...(first === undefined ? {} : { name: first.name, displayName: first.displayName }),
    ...(version === undefined ? {} : { version }),
  };
}

/** Definitions as files, each read from the cluster when it is asked for. */
function crdTree(client: ClusterClient, crds: readonly KubernetesObject[], signal: AbortSignal): SourceTree {
  const files = crds.map(({ metadata: { name } }) => ({ path: `${name}.json`, size: 0, name }));
  return sourceTree(files, async ({ name }) => {
    const crd = await client.get({ ...definitionType, name }, { signal });
    return Buffer.from(JSON.stringify(withoutLiveParts(crd)));
  });
}

/** What the cluster and its controllers add says nothing of the kind, and would differ from cluster to cluster. */
function withoutLiveParts({ status: _status, metadata, ...rest }: KubernetesObject): KubernetesObject {
  const { name, labels } = metadata;
  const kept = Object.entries(metadata.annotations ?? {}).filter(([key]) => !liveAnnotations.includes(key));
  const annotations = kept.length === 0 ? {} : { annotations: Object.fromEntries(kept) };
  return { ...rest, metadata: { name, ...(labels === undefined ? {} : { labels }), ...annotations } };
}

const liveAnnotations = ['kubectl.kubernetes.io/last-applied-configuration'];

async function builtInModel(
  { client, extraction, groups, signal }: ClusterRequest,
  { gitVersion, crds }: ClusterKinds,
): Promise<ExtractedModel | undefined> {
  const served = await client.discovery.all({ signal });
  const custom = new Set(crds.map(({ metadata }) => groupOfCrd(metadata.name)));
  const resources = builtInResources(served.resources, (group) => !custom.has(group) && isWanted({ groups }, group));
  if (resources.length === 0) return undefined;
  const {
    name = 'kubernetes',
    displayName = 'Kubernetes',
    category = 'Orchestration & Management',
  } = extraction.overrides ?? {};
  return {
    head: {
      model: {
        name,
        version: extraction.overrides?.version ?? gitVersion,
        displayName,
        category,
        subCategory: extraction.overrides?.subCategory ?? '',
        description: 'The kinds that the API server brings itself.',
        metadata: {},
      },
      definitionVersion: 'v1.0.0',
    },
    members: builtInComponents(client, resources, signal),
  };
}

function isWanted({ groups }: Pick<ClusterRequest, 'groups'>, group: string): boolean {
  return groups === undefined || groups.includes(group === '' ? 'core' : group);
}
