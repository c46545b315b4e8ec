import type { JsonObject, JsonPath, JsonValue } from '../json.ts';
import type { Component } from '../design.ts';
import type { DraftDesign } from './draft.ts';
import { knownKindNamed } from './known-kinds.ts';
import { isDrawingModel, meshKind } from './meshery-adapters.ts';
import { convertParts, dependenciesOf, toDraftDesign, type ConvertedComponent } from './meshery-component.ts';
import { presentFields } from './present-fields.ts';
import { deepFieldOf, fieldOf, keyOf, mapOf, textOf } from './meshery-fields.ts';
import { findingAt, type SourceDocument, type SourcePlace } from './source-document.ts';

/** Meshery's older pattern files with `services` (v1alpha1 and v1alpha2), in any of their spellings. */
export function fromPattern(document: SourceDocument): DraftDesign {
  const root = document.value;
  const key = keyOf(root, 'services') ?? 'services';
  const services = Object.entries(mapOf(root, 'services'));
  return toDraftDesign(
    document,
    services.map(([name, value]) => convert(name, { value, place: { document, path: [key, name] } }, root)),
  );
}

type PlacedService = { readonly value: JsonValue; readonly place: SourcePlace };

function convert(key: string, { value, place }: PlacedService, root: JsonValue): ConvertedComponent {
  const type = textOf(value, 'type') ?? textOf(mapOf(value, 'annotations'), 'pattern.meshery.io.k8s.k8sKind');
  const aliases = aliasesOf(key, value);
  if (isDrawn(value) || isDrawingModel(textOf(value, 'model'), apiVersionOf(value))) return { aliases, findings: [] };
  if (type === undefined) return { aliases, findings: [noType(place)] };
  if (type.startsWith('$(')) return { aliases, findings: [imported(place)] };
  const kind = type.split('.')[0] ?? type;
  const parts = presentFields({
    place,
    kind,
    aliases,
    apiVersion: apiVersionOf(value),
    metadata: metadataOf(value, nameOf(key, value)),
    body: meshKind(kind) === undefined ? objectBody(value, kind) : { spec: meshSpec(value) },
    model: modelOf(value),
    dependsOn: dependenciesOf(value, place),
    fieldPath: fieldPath(value),
  });
  const converted = convertParts(parts, root);
  return { ...converted, findings: [...converted.findings, ...ignoredTraits(value, kind, place)] };
}

function nameOf(key: string, value: JsonValue): string {
  return textOf(value, 'name') ?? textOf(mapOf(value, 'settings'), 'name') ?? key;
}

function aliasesOf(key: string, value: JsonValue): readonly string[] {
  const drawn = textOf(mapOf(mapOf(value, 'traits'), 'meshmap'), 'id');
  return [key, nameOf(key, value), textOf(value, 'id'), drawn].filter((alias) => alias !== undefined);
}

function modelOf(value: JsonValue): Component['model'] {
  const name = textOf(value, 'model');
  return name === undefined
    ? undefined
    : presentFields({ name: name.toLowerCase(), version: textOf(value, 'version') });
}

function metadataOf(value: JsonValue, name: string): JsonObject {
  const namespace = textOf(value, 'namespace') ?? textOf(mapOf(value, 'settings'), 'namespace');
  const annotations = Object.entries(mapOf(value, 'annotations')).filter(
    ([key]) => !key.startsWith('pattern.meshery.io'),
  );
  return {
    name,
    ...(namespace === undefined ? {} : { namespace }),
    labels: mapOf(value, 'labels'),
    annotations: Object.fromEntries(annotations),
  };
}

function apiVersionOf(value: JsonValue): string | undefined {
  return textOf(value, 'apiVersion') ?? textOf(mapOf(value, 'annotations'), 'pattern.meshery.io.k8s.k8sAPIVersion');
}

/** Settings are the manifest's body; the oldest ones left out the `spec` around it, and all may repeat name and namespace. */
function objectBody(value: JsonValue, kind: string): JsonObject {
  const { name: _name, namespace: _namespace, ...body } = mapOf(value, 'settings');
  const isWhole = Object.hasOwn(body, 'spec') || Object.keys(body).length === 0 || apiVersionOf(value) !== undefined;
  return isWhole || knownKindNamed(kind)?.hasSpec === false ? body : { spec: body };
}

/** What an adapter needs to know of a mesh: its version, its settings, and what the design asks of it. */
function meshSpec(value: JsonValue): JsonObject {
  const { name: _name, namespace: _namespace, ...wanted } = mapOf(value, 'settings');
  const version = textOf(value, 'version');
  const traits = operationalTraits(value);
  return {
    ...(version === undefined ? {} : { version }),
    ...wanted,
    ...(Object.keys(traits).length === 0 ? {} : { traits }),
  };
}

function operationalTraits(value: JsonValue): JsonObject {
  return Object.fromEntries(Object.entries(mapOf(value, 'traits')).filter(([name]) => name !== 'meshmap'));
}

function ignoredTraits(value: JsonValue, kind: string, place: SourcePlace) {
  const names = Object.keys(operationalTraits(value));
  if (names.length === 0 || meshKind(kind) !== undefined) return [];
  return [
    findingAt(
      { ...place, path: [...place.path, 'traits'] },
      {
        severity: 'warning',
        code: 'meshery.ignoredTraits',
        message: `Left out the traits ${names.join(', ')}: they mean something on a mesh only.`,
        fix: 'Put what they ask for into the manifest.',
      },
    ),
  ];
}

/** The flag stood at the top first, then among what the drawing knows of the component. */
function isDrawn(value: JsonValue): boolean {
  const drawing = deepFieldOf(value, 'traits', 'meshmap');
  return [value, fieldOf(drawing, 'meshmodel-metadata'), fieldOf(drawing, 'model-metadata')].some(
    (place) => fieldOf(place, 'isAnnotation') === true,
  );
}

function fieldPath(value: JsonValue): (path: JsonPath) => JsonPath {
  const hasSpec = Object.hasOwn(mapOf(value, 'settings'), 'spec');
  const spelling = (name: string) => keyOf(value, name) ?? name;
  return (path) => {
    const [first, second, ...rest] = path;
    if (first === undefined) return [];
    if (first === 'apiVersion') return [spelling('apiVersion')];
    if (first === 'kind') return [spelling('type')];
    if (first === 'metadata')
      return second === undefined || typeof second === 'number' ? [] : [spelling(second), ...rest];
    return ['settings', ...(first === 'spec' && !hasSpec ? path.slice(1) : path)];
  };
}

function noType(place: SourcePlace) {
  return findingAt(place, {
    severity: 'error',
    code: 'meshery.missingKind',
    message: 'The service says no type.',
    fix: 'Add type, such as "Deployment", and apiVersion.',
  });
}

function imported(place: SourcePlace) {
  return findingAt(
    { ...place, path: [...place.path, 'type'] },
    {
      severity: 'error',
      code: 'meshery.unsupportedImport',
      message: 'The service is brought in from another file with $(#use …), which Slipway does not fetch.',
      fix: 'Put the services of that file into this one.',
    },
  );
}
