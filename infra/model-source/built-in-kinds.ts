import { type JsonObject, stringAt } from '../../domain/json.ts';
import { closedSchema, type NamedSchemas } from '../../domain/registry/closed-schema.ts';
import type { ComponentDefinition } from '../../domain/registry/component-definition.ts';
import { readableName } from '../../domain/registry/readable-name.ts';
import type { ClusterClient } from '../kubernetes/cluster-client.ts';
import type { OpenApiDocument } from '../kubernetes/open-api.ts';
import type { ServedResource } from '../kubernetes/resource.ts';
import type { ExtractedMember } from './extracted.ts';

const referencePrefix = '#/components/schemas/';
const descriptionLength = 5_000;

/** The resources of these groups that a design can declare: what can only be asked, such as a review, is no component. */
export function builtInResources(
  served: readonly ServedResource[],
  isWanted: (group: string) => boolean,
): readonly ServedResource[] {
  return served
    .filter(({ group, verbs }) => isWanted(group) && verbs.includes('create') && verbs.includes('get'))
    .toSorted((one, other) => (sortKey(one) < sortKey(other) ? -1 : 1));
}

/** A component of each resource, with its schema from the OpenAPI document of its group version. */
export async function* builtInComponents(
  client: ClusterClient,
  resources: readonly ServedResource[],
  signal: AbortSignal,
): AsyncGenerator<ExtractedMember> {
  for (const [apiVersion, served] of Map.groupBy(resources, (resource) => resource.apiVersion)) {
    const document = await client.openApi.document(apiVersion, { signal });
    for (const resource of served) yield memberOf(resource, document);
  }
}

function sortKey({ apiVersion, kind }: ServedResource): string {
  return `${apiVersion}/${kind}`;
}

function memberOf(resource: ServedResource, document: OpenApiDocument | undefined): ExtractedMember {
  const place = `${resource.apiVersion} ${resource.kind}`;
  const schema = document?.schemaFor(resource.apiVersion, resource.kind);
  if (document === undefined || schema === undefined) {
    const message = `the cluster publishes no schema of ${place}`;
    return {
      type: 'rejected',
      place,
      findings: [{ severity: 'warning', code: 'cluster.noSchema', subject: place, message }],
    };
  }
  return { type: 'component', place, definition: componentOf(resource, closedSchema(schema, schemasOf(document))) };
}

function schemasOf({ resolve }: OpenApiDocument): NamedSchemas {
  return { prefix: referencePrefix, find: (name) => resolve(referencePrefix + name) };
}

function componentOf(resource: ServedResource, schema: JsonObject): ComponentDefinition {
  const { kind, apiVersion, plural, shortNames, categories, subresources, namespaced } = resource;
  return {
    kind,
    apiVersion,
    displayName: readableName(kind),
    description: (stringAt(schema, 'description') ?? '').slice(0, descriptionLength),
    scope: namespaced ? 'namespaced' : 'cluster',
    adapter: 'kubernetes',
    schema,
    metadata: {
      plural,
      ...(shortNames.length === 0 ? {} : { shortNames: [...shortNames] }),
      ...(categories.length === 0 ? {} : { categories: [...categories] }),
      ...(subresources.length === 0 ? {} : { subresources: [...subresources].toSorted() }),
    },
  };
}
