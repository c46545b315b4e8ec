import { setTimeout as sleep } from 'node:timers/promises';
import { onTestFinished } from 'vitest';
import { canonicalJson } from '../../domain/json.ts';
import { type KubernetesObject, objectKey, referenceOf } from '../../domain/kubernetes-object.ts';
import { isApiError } from '../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import type { ResourceType } from '../../infra/kubernetes/resource.ts';
import type { WatchOptions } from '../../infra/kubernetes/watch.ts';
import type { WatchEvent } from '../../infra/kubernetes/watch-tracker.ts';
import { type Fleet, keysOf, widgetResource } from './fleet.ts';

export type Testimony = {
  /** Every UID that was seen under the name: two mean that it was created twice. */
  readonly uids: ReadonlySet<string>;
  /** Every content that was asked for: two mean that it was changed. */
  readonly contents: ReadonlySet<string>;
};

/** Sees all that happens to the objects of a fleet, from before they are there. */
export type Witness = {
  readonly testimony: () => ReadonlyMap<string, Testimony>;
};

const retryMs = 50;

/** Begins to watch, until the test has finished; resolves when nothing can be missed any more. */
export async function callWitness(cluster: ClusterClient, fleet: Fleet): Promise<Witness> {
  const leaving = new AbortController();
  const { signal } = leaving;
  const keys = new Set(keysOf(fleet));
  const seen = new Map<string, { readonly uids: Set<string>; readonly contents: Set<string> }>();

  const note = (object: KubernetesObject): void => {
    const key = objectKey(referenceOf(object));
    const { uid, deletionTimestamp } = object.metadata;
    if (!keys.has(key) || uid === undefined || deletionTimestamp !== undefined) return;
    const testimony = seen.get(key) ?? { uids: new Set(), contents: new Set() };
    testimony.uids.add(uid);
    testimony.contents.add(contentOf(object));
    seen.set(key, testimony);
  };
  const follow = (type: ResourceType, filter: Pick<WatchOptions, 'namespace' | 'fieldSelector'>) => {
    const synced = Promise.withResolvers<void>();
    const handle = (event: WatchEvent): void => {
      // A witness does not wait longer and longer for a server that is away, or it misses what happens when it is back.
      if (event.type === 'interrupted') throw event.error;
      if (event.type === 'added' || event.type === 'modified') note(event.object);
      if (event.type === 'synced') synced.resolve();
    };
    return { synced: synced.promise, ended: watchForEver(cluster, { type, options: { ...filter, signal }, handle }) };
  };

  const builtIn = builtInKinds.map((type) => follow(type, { namespace: fleet.name }));
  const clusterScoped = [
    follow({ apiVersion: 'v1', kind: 'Namespace' }, { fieldSelector: `metadata.name=${fleet.name}` }),
    follow({ apiVersion: 'apiextensions.k8s.io/v1', kind: 'CustomResourceDefinition' }, {}),
  ];
  const custom = follow(widgetResource(fleet), { namespace: fleet.name });
  onTestFinished(async () => {
    leaving.abort();
    await Promise.all([...builtIn, ...clusterScoped, custom].map(({ ended }) => ended));
  });
  await Promise.all([...builtIn, ...clusterScoped].map(({ synced }) => synced));
  return { testimony: () => seen };
}

const builtInKinds: readonly ResourceType[] = [
  { apiVersion: 'v1', kind: 'ConfigMap' },
  { apiVersion: 'v1', kind: 'Secret' },
  { apiVersion: 'v1', kind: 'Service' },
  { apiVersion: 'apps/v1', kind: 'Deployment' },
];

/** What people ask for: all but what the server and controllers add. */
function contentOf({ metadata: _metadata, status: _status, ...content }: KubernetesObject): string {
  return canonicalJson(content);
}

type Watch = {
  readonly type: ResourceType;
  readonly options: WatchOptions;
  readonly handle: (event: WatchEvent) => void;
};

/** A kind that is not served, not yet or no longer, and a server that is away, are asked again at once. */
async function watchForEver(cluster: ClusterClient, { type, options, handle }: Watch): Promise<void> {
  while (!options.signal.aborted) {
    try {
      await cluster.watch(type, options, handle);
    } catch (error) {
      if (!isApiError(error)) throw error;
      await sleep(retryMs);
    }
  }
}
