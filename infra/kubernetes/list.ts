import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import { isJsonObject } from '../../domain/json.ts';
import { isExpired } from './api-error.ts';
import { listSchema, metadataListAccept, queryOf, resourcePath, type ServedResource } from './resource.ts';
import { parseAnswer, type RequestOptions, type Transport } from './transport.ts';

/** Which objects of a resource. */
export type ObjectFilter = {
  /** Default: all namespaces. */
  readonly namespace?: string | undefined;
  readonly labelSelector?: string | undefined;
  readonly fieldSelector?: string | undefined;
  /** Only `apiVersion`, `kind` and `metadata` of each object travel. */
  readonly metadataOnly?: boolean | undefined;
};

export type ListOptions = ObjectFilter & RequestOptions & { readonly pageSize?: number };

export type ObjectList = {
  readonly objects: readonly KubernetesObject[];
  /** Where a watch goes on without a gap. */
  readonly resourceVersion: string;
};

const defaultPageSize = 500;

/**
 * The objects page by page; each page's resourceVersion is the one of the whole list.
 * Throws `ApiError` 410 when reading took longer than the API server keeps the list's state (5 minutes by default).
 */
export async function* listPages(
  transport: Transport,
  resource: ServedResource,
  options: ListOptions,
): AsyncGenerator<ObjectList> {
  const { namespace, labelSelector, fieldSelector, metadataOnly, pageSize = defaultPageSize, ...request } = options;
  const path = resourcePath(resource, { namespace });
  const accept = metadataOnly === true ? { accept: metadataListAccept } : {};
  let token: string | undefined;
  do {
    const query = queryOf({ limit: pageSize, labelSelector, fieldSelector, continue: token });
    const answer = await transport.send({ ...request, ...accept, method: 'GET', path: path + query });
    const { metadata, items } = parseAnswer(answer, listSchema);
    yield {
      objects: (items ?? []).map((item) => withType(item, resource)),
      resourceVersion: metadata?.resourceVersion ?? '',
    };
    token = metadata?.continue;
  } while (token !== undefined && token !== '');
}

/** All objects of a resource. A list that expires halfway is read again in one piece. */
export async function listAll(
  transport: Transport,
  resource: ServedResource,
  options: ListOptions,
): Promise<ObjectList> {
  try {
    return await collect(listPages(transport, resource, options));
  } catch (error) {
    if (!isExpired(error)) throw error;
    return await collect(listPages(transport, resource, { ...options, pageSize: 0 }));
  }
}

async function collect(pages: AsyncIterable<ObjectList>): Promise<ObjectList> {
  const objects: KubernetesObject[] = [];
  let resourceVersion = '';
  for await (const page of pages) {
    objects.push(...page.objects);
    resourceVersion = page.resourceVersion;
  }
  return { objects, resourceVersion };
}

/** Items of a list come without their type, and metadata-only ones with another. */
export function withType(item: unknown, { apiVersion, kind }: ServedResource): KubernetesObject {
  if (!isJsonObject(item) || !isNamed(item['metadata']))
    throw new TypeError(`a list of ${kind} has an item without a name`);
  return { ...item, apiVersion, kind, metadata: item['metadata'] };
}

function isNamed(metadata: unknown): metadata is KubernetesObject['metadata'] {
  return isJsonObject(metadata) && typeof metadata['name'] === 'string';
}
