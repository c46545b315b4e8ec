import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import type { ApiError } from './api-error.ts';
import type { ObjectList } from './list.ts';
import type { ServedResource } from './resource.ts';
import type { ServerEvent } from './watch-stream.ts';

export type WatchEvent =
  | { readonly type: 'added' | 'modified'; readonly object: KubernetesObject }
  /** After a gap the object has only its type, name, namespace, UID and last known resourceVersion. */
  | { readonly type: 'deleted'; readonly object: KubernetesObject }
  /** All objects that existed at `resourceVersion` have been told; comes again after a gap that needed a new list. */
  | { readonly type: 'synced'; readonly resourceVersion: string }
  /** Nothing up to `resourceVersion` is missing: a later watch can start there. */
  | { readonly type: 'bookmark'; readonly resourceVersion: string }
  /** The watch is broken for now and goes on as soon as it can. */
  | { readonly type: 'interrupted'; readonly error: ApiError };

/** May be async: the next event waits for it. What it throws ends the watch. */
export type WatchHandler = (event: WatchEvent) => void | Promise<void>;

/** Knows which objects the handler has been told of, so that a list after a gap becomes the changes since. */
export type WatchTracker = {
  readonly tell: WatchHandler;
  readonly follow: (event: ServerEvent) => Promise<void>;
  /** Tells the differences to a whole list, deletes included; gives the list's resourceVersion. */
  readonly relist: (pages: AsyncIterable<ObjectList>) => Promise<string>;
  /** Whether the server has told anything yet. */
  readonly isServed: () => boolean;
  /** Whether the handler threw: no failure of the watch. */
  readonly handlerFailed: () => boolean;
};

type Identity = {
  readonly name: string;
  readonly namespace: string | undefined;
  readonly uid: string | undefined;
  readonly resourceVersion: string | undefined;
};

export function createWatchTracker(resource: ServedResource, handler: WatchHandler): WatchTracker {
  const known = new Map<string, Identity>();
  let served = false;
  let failed = false;

  const tell: WatchHandler = async (event) => {
    try {
      await handler(event);
    } catch (error) {
      failed = true;
      throw error;
    }
  };

  const follow = async (event: ServerEvent): Promise<void> => {
    served = true;
    if (event.type === 'bookmark') return await tell(event);
    const { type, object } = event;
    const identity = identityOf(object);
    if (type === 'deleted') known.delete(keyOf(identity));
    else known.set(keyOf(identity), identity);
    await tell({ type, object });
  };

  const relist = async (pages: AsyncIterable<ObjectList>): Promise<string> => {
    const unseen = new Set(known.keys());
    let resourceVersion = '';
    for await (const page of pages) {
      resourceVersion = page.resourceVersion;
      for (const object of page.objects) {
        const identity = identityOf(object);
        const key = keyOf(identity);
        const previous = known.get(key);
        unseen.delete(key);
        known.set(key, identity);
        for (const event of differences(resource, previous, object)) await tell(event);
      }
    }
    for (const key of unseen) {
      const gone = known.get(key);
      known.delete(key);
      if (gone !== undefined) await tell({ type: 'deleted', object: lastKnown(resource, gone) });
    }
    served = true;
    await tell({ type: 'synced', resourceVersion });
    return resourceVersion;
  };

  return { tell, follow, relist, isServed: () => served, handlerFailed: () => failed };
}

/** What happened to an object between the last event about it and a list that holds it. */
function differences(
  resource: ServedResource,
  previous: Identity | undefined,
  object: KubernetesObject,
): readonly WatchEvent[] {
  if (previous === undefined) return [{ type: 'added', object }];
  const { uid, resourceVersion } = object.metadata;
  if (previous.uid !== uid) {
    return [
      { type: 'deleted', object: lastKnown(resource, previous) },
      { type: 'added', object },
    ];
  }
  return previous.resourceVersion === resourceVersion ? [] : [{ type: 'modified', object }];
}

function identityOf({ metadata }: KubernetesObject): Identity {
  const { name, namespace, uid, resourceVersion } = metadata;
  return { name, namespace, uid, resourceVersion };
}

function keyOf({ namespace, name }: Identity): string {
  return `${namespace ?? ''}/${name}`;
}

function lastKnown({ apiVersion, kind }: ServedResource, identity: Identity): KubernetesObject {
  const { name, namespace, uid, resourceVersion } = identity;
  return {
    apiVersion,
    kind,
    metadata: {
      name,
      ...(namespace === undefined ? {} : { namespace }),
      ...(uid === undefined ? {} : { uid }),
      ...(resourceVersion === undefined ? {} : { resourceVersion }),
    },
  };
}
