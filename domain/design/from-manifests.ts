import { prerequisiteStates, type PrerequisiteState } from '../design.ts';
import { isJsonObject, stringAt, type JsonObject, type JsonPath } from '../json.ts';
import { componentAnnotation } from '../ownership.ts';
import { asComponentName } from './component-names.ts';
import type { DraftComponent, DraftDependency, DraftDesign } from './draft.ts';
import type { SourceDocument, SourcePlace } from './source-document.ts';

/** Annotation by which exported manifests keep what a component depends on: `database, schema=exists`. */
export const dependsOnAnnotation = 'slipway.dev/depends-on';

/** Plain Kubernetes manifests: an object a document, or lists of them. */
export function fromManifests(documents: readonly SourceDocument[]): DraftDesign {
  const places = documents.flatMap((document) => objectPlaces(document, document.value, []));
  return { components: places.map(({ value, place }) => toDraft(value, place)), findings: [] };
}

type PlacedValue = { readonly value: unknown; readonly place: SourcePlace };

/** Opens `List`, typed lists such as `ConfigMapList`, and JSON arrays. Empty documents hold nothing. */
function objectPlaces(document: SourceDocument, value: unknown, path: JsonPath): readonly PlacedValue[] {
  if (value === null || value === undefined) return path.length === 0 ? [] : [{ value, place: { document, path } }];
  if (Array.isArray(value)) return value.flatMap((item, index) => objectPlaces(document, item, [...path, index]));
  if (!isList(value)) return [{ value, place: { document, path } }];
  const kind = (stringAt(value, 'kind') ?? '').slice(0, -'List'.length);
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  return value.items.flatMap((item, index) => {
    const typed = kind !== '' && isJsonObject(item) ? { apiVersion, kind, ...item } : item;
    return objectPlaces(document, typed, [...path, 'items', index]);
  });
}

function isList(value: unknown): value is JsonObject & { readonly items: readonly unknown[] } {
  return isJsonObject(value) && (stringAt(value, 'kind') ?? '').endsWith('List') && Array.isArray(value['items']);
}

function toDraft(value: unknown, place: SourcePlace): DraftComponent {
  const name = stringAt(value, 'metadata', 'annotations', componentAnnotation);
  return {
    ...(name === undefined || name !== asComponentName(name) ? {} : { name }),
    aliases: [],
    dependsOn: annotatedDependencies(value, place),
    object: withoutDependsOn(value),
    place,
    fieldPlace: (path) => ({ document: place.document, path: [...place.path, ...path] }),
  };
}

function annotatedDependencies(value: unknown, place: SourcePlace): readonly DraftDependency[] {
  const path = ['metadata', 'annotations', dependsOnAnnotation];
  const text = stringAt(value, ...path) ?? '';
  return text
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '')
    .map((entry) => {
      const [target = '', state = 'ready'] = entry.split('=');
      return { target, state: toState(state), place: { document: place.document, path: [...place.path, ...path] } };
    });
}

function toState(text: string): PrerequisiteState {
  return prerequisiteStates.find((state) => state === text) ?? 'ready';
}

function withoutDependsOn(value: unknown): unknown {
  if (stringAt(value, 'metadata', 'annotations', dependsOnAnnotation) === undefined || !isJsonObject(value))
    return value;
  const { metadata } = value;
  if (!isJsonObject(metadata) || !isJsonObject(metadata['annotations'])) return value;
  const { annotations, ...rest } = metadata;
  const kept = Object.entries(annotations).filter(([key]) => key !== dependsOnAnnotation);
  return { ...value, metadata: kept.length === 0 ? rest : { ...rest, annotations: Object.fromEntries(kept) } };
}
