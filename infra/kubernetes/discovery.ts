import type { z } from 'zod';
import { ApiError, isApiError } from './api-error.ts';
import {
  type AggregatedDiscovery,
  aggregatedSchema,
  coreVersionsSchema,
  groupListSchema,
  type ResourceList,
  resourceListSchema,
} from './discovery-schema.ts';
import { groupVersionPath, type ResourceType, type ServedResource } from './resource.ts';
import { headerOf, jsonOf, parseAnswer, type RequestOptions, type Transport } from './transport.ts';

export type ServedApi = {
  readonly resources: readonly ServedResource[];
  /** The preferred version of each group: `apps` → `v1`. */
  readonly preferredVersions: ReadonlyMap<string, string>;
  /** Group versions whose server does not answer: what is known of them may be old or missing. */
  readonly unavailable: readonly string[];
};

/** What the API server serves, read once and kept until it is invalidated. */
export type Discovery = {
  readonly all: (options?: RequestOptions) => Promise<ServedApi>;
  /** Undefined where the kind is not served; that is looked up anew when the last look was a while ago. */
  readonly resourceFor: (
    apiVersion: string,
    kind: string,
    options?: RequestOptions,
  ) => Promise<ServedResource | undefined>;
  /** As `resourceFor`, but throws `notFound` with the reason `KindNotServed`. */
  readonly requireResource: (type: ResourceType, options?: RequestOptions) => Promise<ServedResource>;
  /** Reads again at the next question: after a CRD was established, or a path was not found. */
  readonly invalidate: () => void;
  /** Looks up at once what was not served before: another process may have brought it meanwhile. */
  readonly doubtMisses: () => void;
};

/** A kind that is not known is not looked up again sooner. */
const missIsFreshMs = 2_000;

type Snapshot = {
  readonly api: ServedApi;
  readonly byKind: ReadonlyMap<string, ServedResource>;
  /** When the server was asked. */
  readonly readAt: number;
};

export function createDiscovery(transport: Transport): Discovery {
  const read = createSnapshotReader(transport);
  let snapshot: Snapshot | undefined;
  let reading: Promise<Snapshot> | undefined;
  let doubtedAt = Number.NEGATIVE_INFINITY;

  const refresh = (): Promise<Snapshot> => {
    if (reading !== undefined) return reading;
    const started = read();
    reading = started;
    const finish = (fresh: Snapshot | undefined): void => {
      if (reading !== started) return;
      reading = undefined;
      snapshot = fresh ?? snapshot;
    };
    started.then(finish, () => finish(undefined));
    return started;
  };

  const current = async (signal: AbortSignal | undefined): Promise<Snapshot> =>
    snapshot ?? (await abortable(refresh(), signal));

  const isMissFresh = ({ readAt }: Snapshot): boolean =>
    readAt > doubtedAt && performance.now() - readAt < missIsFreshMs;

  const resourceFor: Discovery['resourceFor'] = async (apiVersion, kind, options) => {
    const known = await current(options?.signal);
    const found = known.byKind.get(kindKey(apiVersion, kind));
    if (found !== undefined || isMissFresh(known)) return found;
    return (await abortable(refresh(), options?.signal)).byKind.get(kindKey(apiVersion, kind));
  };

  return {
    all: async (options) => (await current(options?.signal)).api,
    resourceFor,
    requireResource: async (type, options) => {
      if ('plural' in type) return type;
      const found = await resourceFor(type.apiVersion, type.kind, options);
      if (found === undefined) throw kindNotServed(type);
      return found;
    },
    invalidate: () => {
      snapshot = undefined;
      reading = undefined;
    },
    doubtMisses: () => {
      doubtedAt = performance.now();
      reading = undefined;
    },
  };
}

/** Not aborted by any caller's signal: others wait for the same answer. */
function createSnapshotReader(transport: Transport): () => Promise<Snapshot> {
  const readAggregated = createAggregatedReader(transport);
  return async () => {
    const readAt = performance.now();
    const api = (await readAggregated()) ?? (await readLegacy(transport));
    return { api, byKind: indexByKind(api.resources), readAt };
  };
}

function kindKey(apiVersion: string, kind: string): string {
  return `${apiVersion}/${kind}`;
}

/** The first wins where two resources have one kind. */
function indexByKind(resources: readonly ServedResource[]): ReadonlyMap<string, ServedResource> {
  return new Map(resources.toReversed().map((resource) => [kindKey(resource.apiVersion, resource.kind), resource]));
}

function kindNotServed({ apiVersion, kind }: ResourceType): ApiError {
  return new ApiError({
    status: 404,
    reason: 'KindNotServed',
    message: `the cluster does not serve ${kind} of ${apiVersion}`,
    fix: 'Install the custom resource definition that brings this kind, or use an API version that the cluster serves.',
  });
}

async function abortable<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await promise;
  signal.throwIfAborted();
  const { promise: aborted, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(signal.reason);
  signal.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([promise, aborted]);
  } finally {
    signal.removeEventListener('abort', onAbort);
  }
}

const aggregatedAccept = ['v2', 'v2beta1']
  .map((version) => `application/json;g=apidiscovery.k8s.io;v=${version};as=APIGroupDiscoveryList`)
  .concat('application/json')
  .join(',');

type AggregatedPart = { readonly etag: string | undefined; readonly document: AggregatedDiscovery };

/** Reads `/api` and `/apis`, each one request; undefined where the server is older than that (before Kubernetes 1.27). */
function createAggregatedReader(transport: Transport): () => Promise<ServedApi | undefined> {
  const parts = new Map<string, AggregatedPart>();

  const readPart = async (path: string): Promise<AggregatedDiscovery | undefined> => {
    const kept = parts.get(path);
    const answer = await transport.send({ method: 'GET', path, accept: aggregatedAccept, etag: kept?.etag });
    if (answer.status === 304 && kept !== undefined) return kept.document;
    const parsed = aggregatedSchema.safeParse(jsonOf(answer));
    if (!parsed.success) return undefined;
    parts.set(path, { etag: headerOf(answer, 'etag'), document: parsed.data });
    return parsed.data;
  };

  return async () => {
    const [core, groups] = await Promise.all([readPart('/api'), readPart('/apis')]);
    return core === undefined || groups === undefined
      ? undefined
      : servedByAggregated([...core.items, ...groups.items]);
  };
}

function servedByAggregated(groups: AggregatedDiscovery['items']): ServedApi {
  const versions = groups.flatMap((item) => {
    const group = item.metadata?.name ?? '';
    return (item.versions ?? []).map((version, index) => ({ ...version, group, preferred: index === 0 }));
  });
  return {
    resources: versions.flatMap(servedByVersion),
    preferredVersions: new Map(versions.filter((one) => one.preferred).map((one) => [one.group, one.version])),
    unavailable: versions.filter((one) => one.freshness === 'Stale').map((one) => apiVersionOf(one.group, one.version)),
  };
}

type AggregatedVersion = NonNullable<AggregatedDiscovery['items'][number]['versions']>[number];

function servedByVersion(
  served: AggregatedVersion & { readonly group: string; readonly preferred: boolean },
): readonly ServedResource[] {
  const { group, version, preferred } = served;
  return (served.resources ?? [])
    .filter((resource) => (resource.verbs ?? []).length > 0)
    .map((resource) => ({
      group,
      version,
      preferred,
      apiVersion: apiVersionOf(group, version),
      kind: resource.responseKind?.kind ?? '',
      plural: resource.resource,
      namespaced: resource.scope === 'Namespaced',
      verbs: resource.verbs ?? [],
      shortNames: resource.shortNames ?? [],
      categories: resource.categories ?? [],
      subresources: (resource.subresources ?? []).map(({ subresource }) => subresource),
    }));
}

function apiVersionOf(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}

type GroupVersion = { readonly group: string; readonly version: string; readonly preferred: boolean };

/** One request a group version; one that fails does not fail the rest. */
async function readLegacy(transport: Transport): Promise<ServedApi> {
  const [core, groups] = await Promise.all([
    readJson(transport, '/api', coreVersionsSchema),
    readJson(transport, '/apis', groupListSchema),
  ]);
  const versions: readonly GroupVersion[] = [
    ...core.versions.map((version, index) => ({ group: '', version, preferred: index === 0 })),
    ...groups.groups.flatMap(({ name, versions: served, preferredVersion }) =>
      served.map(({ version }) => ({ group: name, version, preferred: version === preferredVersion?.version })),
    ),
  ];
  const lists = await Promise.all(versions.map((version) => readGroupVersion(transport, version)));
  return {
    resources: lists.flatMap((list) => list ?? []),
    preferredVersions: new Map(versions.filter((one) => one.preferred).map((one) => [one.group, one.version])),
    unavailable: versions
      .filter((_, index) => lists[index] === undefined)
      .map((one) => apiVersionOf(one.group, one.version)),
  };
}

async function readGroupVersion(
  transport: Transport,
  version: GroupVersion,
): Promise<readonly ServedResource[] | undefined> {
  try {
    const path = groupVersionPath(apiVersionOf(version.group, version.version));
    const { resources } = await readJson(transport, path, resourceListSchema);
    return servedByList(resources, version);
  } catch (error) {
    if (isApiError(error) && (error.status === 404 || error.status >= 500)) return undefined;
    throw error;
  }
}

function servedByList(listed: ResourceList['resources'], version: GroupVersion): readonly ServedResource[] {
  return listed
    .filter(({ name }) => !name.includes('/'))
    .map(({ name, kind, namespaced, verbs, shortNames, categories }) => ({
      ...version,
      apiVersion: apiVersionOf(version.group, version.version),
      kind,
      plural: name,
      namespaced,
      verbs: verbs ?? [],
      shortNames: shortNames ?? [],
      categories: categories ?? [],
      subresources: listed.flatMap((other) =>
        other.name.startsWith(`${name}/`) ? [other.name.slice(name.length + 1)] : [],
      ),
    }));
}

async function readJson<T>(transport: Transport, path: string, schema: z.ZodType<T>): Promise<T> {
  const answer = await transport.send({ method: 'GET', path, retryForMs: legacyRetryForMs });
  return parseAnswer(answer, schema);
}

/** A broken aggregated API would hold up all others for long. */
const legacyRetryForMs = 2_000;
