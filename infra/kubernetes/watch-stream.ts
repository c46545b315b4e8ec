import { stringAt, valueAt } from '../../domain/json.ts';
import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import { errorOfStatus } from './api-error.ts';
import { brokenStream, readJsonLines } from './json-lines.ts';
import { type ObjectFilter, withType } from './list.ts';
import { isKubernetesObject, metadataOnlyAccept, queryOf, resourcePath, type ServedResource } from './resource.ts';
import type { Transport } from './transport.ts';

/** One line of a watch. */
export type ServerEvent =
  | {
      readonly type: 'added' | 'modified' | 'deleted';
      readonly object: KubernetesObject;
      readonly resourceVersion: string;
    }
  | { readonly type: 'bookmark'; readonly resourceVersion: string };

export type WatchStreamOptions = ObjectFilter & {
  readonly resourceVersion: string;
  readonly stallMs: number;
  readonly signal: AbortSignal;
};

/** The API server ends a watch after a time of 4 to 8 minutes, random so that not all come back at once. */
function randomTimeoutSeconds(): number {
  return 240 + Math.floor(Math.random() * 240);
}

/** One watch from a resourceVersion to the end of its stream. Throws `ApiError`, also for an ERROR in the stream. */
export async function* openWatch(
  transport: Transport,
  resource: ServedResource,
  options: WatchStreamOptions,
): AsyncGenerator<ServerEvent> {
  const { namespace, labelSelector, fieldSelector, resourceVersion, metadataOnly, signal, stallMs } = options;
  const query = queryOf({
    watch: true,
    allowWatchBookmarks: true,
    timeoutSeconds: randomTimeoutSeconds(),
    resourceVersion,
    labelSelector,
    fieldSelector,
  });
  const chunks = await transport.stream({
    path: resourcePath(resource, { namespace }) + query,
    accept: metadataOnly === true ? metadataOnlyAccept : 'application/json',
    signal,
    stallMs,
  });
  for await (const line of readJsonLines(chunks)) yield toServerEvent(line, resource, metadataOnly === true);
}

const eventTypes: ReadonlyMap<string, 'added' | 'modified' | 'deleted'> = new Map([
  ['ADDED', 'added'],
  ['MODIFIED', 'modified'],
  ['DELETED', 'deleted'],
] as const);

function toServerEvent(line: unknown, resource: ServedResource, metadataOnly: boolean): ServerEvent {
  const type = stringAt(line, 'type') ?? '';
  const received = valueAt(line, 'object');
  if (type === 'ERROR') throw errorOfStatus(received);
  const resourceVersion = stringAt(received, 'metadata', 'resourceVersion');
  if (resourceVersion === undefined) throw brokenStream('unavailable', 'an event has no resourceVersion');
  if (type === 'BOOKMARK') return { type: 'bookmark', resourceVersion };
  const known = eventTypes.get(type);
  if (known === undefined || !isKubernetesObject(received)) throw brokenStream('unavailable', 'an event has no object');
  return { type: known, object: metadataOnly ? withType(received, resource) : received, resourceVersion };
}
