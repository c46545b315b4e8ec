import type { JsonValue } from '../../domain/json.ts';
import { type KubernetesObject, type ObjectReference, referenceOf } from '../../domain/kubernetes-object.ts';
import { ApiError, isApiError, isNotFound, notAStatus } from './api-error.ts';
import type { Discovery } from './discovery.ts';
import type { Answer } from './exchange.ts';
import { withType } from './list.ts';
import {
  isKubernetesObject,
  metadataOnlyAccept,
  objectPath,
  queryOf,
  type ResourceType,
  resourcePath,
  type ServedResource,
} from './resource.ts';
import { backoffMs, pause } from '../retry.ts';
import { jsonOf, type RequestOptions, type Transport, type TransportRequest } from './transport.ts';
import { warningsOf } from './warnings.ts';

type ObjectOptions = RequestOptions & {
  /** `status`, `scale`, … */
  readonly subresource?: string | undefined;
  /** Only `apiVersion`, `kind` and `metadata` of the answer travel. */
  readonly metadataOnly?: boolean | undefined;
};

export type GetOptions = ObjectOptions;

export type WriteOptions = ObjectOptions & {
  readonly fieldManager?: string | undefined;
  readonly dryRun?: boolean | undefined;
  /** What becomes of unknown and duplicate fields; the API server's default is `Warn`. */
  readonly fieldValidation?: 'Ignore' | 'Warn' | 'Strict' | undefined;
};

export type ApplyOptions = WriteOptions & {
  readonly fieldManager: string;
  /** Takes over fields that other managers own. */
  readonly force?: boolean | undefined;
};

export type CreateOptions = WriteOptions & {
  /** Repeats also where the first try may have gone through; then `conflict` can mean that it did. */
  readonly repeatable?: boolean | undefined;
};

export type PatchType = 'merge' | 'json' | 'strategic';

export type DeleteOptions = RequestOptions & {
  /** Deletes only the object that has this UID; else `conflict`. */
  readonly uid?: string | undefined;
  readonly resourceVersion?: string | undefined;
  readonly propagation?: 'Background' | 'Foreground' | 'Orphan' | undefined;
  readonly gracePeriodSeconds?: number | undefined;
  readonly dryRun?: boolean | undefined;
};

export type WriteResult = {
  /** As it is now in the cluster. */
  readonly object: KubernetesObject;
  /** What the API server warns of, such as deprecated versions and unknown fields. */
  readonly warnings: readonly string[];
  readonly created: boolean;
};

export type DeleteResult = {
  /** The object, where it goes later: it has finalizers or a grace period. */
  readonly pending: KubernetesObject | undefined;
  readonly warnings: readonly string[];
};

/** Requests on single objects. All throw `ApiError`; `notFound` has the reason `KindNotServed` where the kind is missing. */
export type ObjectRequests = {
  /** Server-side apply: one request that creates or changes. */
  readonly apply: (object: KubernetesObject, options: ApplyOptions) => Promise<WriteResult>;
  readonly get: (reference: ObjectReference, options?: GetOptions) => Promise<KubernetesObject>;
  /** As `get`, with undefined where the object or its kind does not exist. */
  readonly find: (reference: ObjectReference, options?: GetOptions) => Promise<KubernetesObject | undefined>;
  readonly create: (object: KubernetesObject, options?: CreateOptions) => Promise<WriteResult>;
  /** Fails with `conflict` where the object has a resourceVersion that is no longer the newest. */
  readonly replace: (object: KubernetesObject, options?: WriteOptions) => Promise<WriteResult>;
  readonly patch: (
    reference: ObjectReference,
    patch: { readonly type: PatchType; readonly body: JsonValue },
    options?: WriteOptions,
  ) => Promise<WriteResult>;
  readonly delete: (reference: ObjectReference, options?: DeleteOptions) => Promise<DeleteResult>;
};

const patchContentTypes: Readonly<Record<PatchType, string>> = {
  merge: 'application/merge-patch+json',
  json: 'application/json-patch+json',
  strategic: 'application/strategic-merge-patch+json',
};

/** How often a server-side apply that lost a race against another writer is repeated. */
const applyRaceTries = 5;

export function createObjectRequests(transport: Transport, discovery: Discovery): ObjectRequests {
  const send = createObjectSender(transport, discovery);

  const write = createObjectWriter(send);

  const get: ObjectRequests['get'] = async (reference, options = {}) => {
    const { answer, resource } = await send(reference, options, (served) => ({
      ...sharedOptions(options),
      method: 'GET',
      path: pathOf(served, reference, options),
    }));
    return objectOf(answer, resource);
  };

  return {
    get,
    find: (reference, options) => undefinedWhenNotFound(get(reference, options)),
    apply: (object, options) => {
      const body = JSON.stringify(object);
      const request = { method: 'PATCH', contentType: 'application/apply-patch+yaml', body } as const;
      return repeatingLostRaces(object, options.signal, () => write(referenceOf(object), options, request));
    },
    create: (object, options = {}) => {
      const repeatable = options.repeatable ?? options.dryRun ?? false;
      return write(referenceOf(object), options, { method: 'POST', body: JSON.stringify(object), repeatable });
    },
    replace: (object, options = {}) =>
      write(referenceOf(object), options, { method: 'PUT', body: JSON.stringify(object) }),
    patch: (reference, { type, body }, options = {}) =>
      write(reference, options, {
        method: 'PATCH',
        contentType: patchContentTypes[type],
        body: JSON.stringify(body),
        repeatable: type !== 'json',
      }),
    delete: async (reference, options = {}) => {
      const { answer } = await send(reference, options, (served) => ({
        ...sharedOptions(options),
        method: 'DELETE',
        path: pathOf(served, reference, {}),
        body: deleteBody(options),
      }));
      return { pending: pendingOf(jsonOf(answer)), warnings: warningsOf(answer) };
    },
  };
}

type ObjectWriter = (
  reference: ObjectReference,
  options: QueriedOptions,
  request: Omit<TransportRequest, 'path'>,
) => Promise<WriteResult>;

function createObjectWriter(send: ObjectSender): ObjectWriter {
  return async (reference, options, request) => {
    const query = writeQuery(options);
    const { answer, resource } = await send(reference, options, (served) => ({
      ...request,
      ...sharedOptions(options),
      path:
        (request.method === 'POST' ? collectionPath(served, reference) : pathOf(served, reference, options)) + query,
    }));
    return { object: objectOf(answer, resource), warnings: warningsOf(answer), created: answer.status === 201 };
  };
}

type QueriedOptions = WriteOptions & { readonly force?: boolean | undefined };
type Sent = { readonly answer: Answer; readonly resource: ServedResource };
type ObjectSender = (
  type: ResourceType,
  options: RequestOptions,
  requestFor: (resource: ServedResource) => TransportRequest,
) => Promise<Sent>;

/** Finds the resource of a kind, and finds it anew when the server turns out to serve it no longer at that path. */
function createObjectSender(transport: Transport, discovery: Discovery): ObjectSender {
  const sendOnce = async (...[type, options, requestFor]: Parameters<ObjectSender>): Promise<Sent> => {
    const resource = await discovery.requireResource(type, options);
    return { answer: await transport.send(requestFor(resource)), resource };
  };
  return async (...input) => {
    try {
      return await sendOnce(...input);
    } catch (error) {
      if (!isPathNotServed(error)) throw error;
      discovery.invalidate();
      return await sendOnce(...input);
    }
  };
}

async function undefinedWhenNotFound<T>(request: Promise<T>): Promise<T | undefined> {
  try {
    return await request;
  } catch (error) {
    if (isNotFound(error)) return undefined;
    throw error;
  }
}

async function repeatingLostRaces<T>(
  object: KubernetesObject,
  signal: AbortSignal | undefined,
  attempt: () => Promise<T>,
): Promise<T> {
  for (let tries = 1; ; tries += 1) {
    try {
      return await attempt();
    } catch (error) {
      if (tries >= applyRaceTries || !isLostRace(error, object)) throw error;
      await pause(backoffMs(tries), signal);
    }
  }
}

function sharedOptions({ signal, retryForMs, metadataOnly }: ObjectOptions): Partial<TransportRequest> {
  return { signal, retryForMs, ...(metadataOnly === true ? { accept: metadataOnlyAccept } : {}) };
}

function pathOf(resource: ServedResource, reference: ObjectReference, { subresource }: ObjectOptions): string {
  return objectPath(resource, reference, subresource);
}

function collectionPath(resource: ServedResource, reference: ObjectReference): string {
  objectPath(resource, reference);
  return resourcePath(resource, { namespace: reference.namespace });
}

function writeQuery({ fieldManager, force, dryRun, fieldValidation }: QueriedOptions): string {
  return queryOf({ fieldManager, force, dryRun: dryRun === true ? 'All' : undefined, fieldValidation });
}

function deleteBody({ uid, resourceVersion, propagation, gracePeriodSeconds, dryRun }: DeleteOptions): string {
  const hasPreconditions = uid !== undefined || resourceVersion !== undefined;
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'DeleteOptions',
    propagationPolicy: propagation,
    gracePeriodSeconds,
    ...(dryRun === true ? { dryRun: ['All'] } : {}),
    ...(hasPreconditions ? { preconditions: { uid, resourceVersion } } : {}),
  });
}

function objectOf(answer: Answer, resource: ServedResource): KubernetesObject {
  const received = jsonOf(answer);
  if (isKubernetesObject(received)) {
    return received.kind === 'PartialObjectMetadata' ? withType(received, resource) : received;
  }
  throw new ApiError({
    status: answer.status,
    reason: 'UnexpectedAnswer',
    code: 'failed',
    message: `the API server answered a request for ${resource.kind} with something else`,
  });
}

/** A delete that is done answers with a Status, or with the object as it was; one that waits, with its deletionTimestamp. */
function pendingOf(received: unknown): KubernetesObject | undefined {
  return isKubernetesObject(received) && received.metadata.deletionTimestamp !== undefined ? received : undefined;
}

/** The server answers 404 without a Status where it does not serve the path: discovery is out of date. */
function isPathNotServed(error: unknown): boolean {
  return isApiError(error) && error.status === 404 && error.reason === notAStatus;
}

/** Another writer came between the server's reading and writing; an object that insists on a version is left alone. */
function isLostRace(error: unknown, { metadata }: KubernetesObject): boolean {
  return (
    isApiError(error) &&
    (error.reason === 'Conflict' || error.reason === 'AlreadyExists') &&
    error.fieldConflicts.length === 0 &&
    metadata.resourceVersion === undefined &&
    metadata.uid === undefined
  );
}
