import { stringAt, type JsonObject, type JsonPath, type JsonValue } from '../json.ts';
import type { DraftDesign } from './draft.ts';
import { isDrawingModel } from './meshery-adapters.ts';
import { convertParts, dependenciesOf, toDraftDesign, type ConvertedComponent } from './meshery-component.ts';
import { deepFieldOf, fieldOf, keyOf, mapOf, textOf } from './meshery-fields.ts';
import { isPlainName } from './object-names.ts';
import { findingAt, type SourceDocument, type SourcePlace } from './source-document.ts';

/** Meshery designs with `components`: v1beta1 to v1beta3, in any of their spellings. */
export function fromMeshery(document: SourceDocument): DraftDesign {
  const root = document.value;
  const key = keyOf(root, 'components') ?? 'components';
  const components = fieldOf(root, 'components') ?? [];
  const place = { document, path: [key] };
  if (!Array.isArray(components)) return { components: [], findings: [notAList(place)] };
  return toDraftDesign(
    document,
    components.map((value: JsonValue, index) => convert(value, { document, path: [key, index] }, root)),
  );
}

function convert(value: JsonValue, place: SourcePlace, root: JsonValue): ConvertedComponent {
  const definition = mapOf(value, 'component');
  const configuration = mapOf(value, 'configuration');
  const model = modelOf(value);
  const kind = textOf(definition, 'kind') ?? stringAt(configuration, 'kind');
  const apiVersion = textOf(definition, 'version') ?? stringAt(configuration, 'apiVersion');
  const displayName = textOf(value, 'displayName');
  const aliases = [textOf(value, 'id'), displayName].filter((alias) => alias !== undefined);
  if (isDrawn(value) || isDrawingModel(model?.name, apiVersion)) return { aliases, findings: [] };
  if (kind === undefined) return { aliases, findings: [noKind(place)] };
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...body } = configuration;
  const named = nameOf(configuration, displayName);
  const description = textOf(value, 'description');
  const metadata = mapOf(value, 'metadata');
  const converted = convertParts(
    {
      place,
      kind,
      ...(apiVersion === undefined ? {} : { apiVersion }),
      metadata: { ...mapOf(configuration, 'metadata'), ...(named.name === undefined ? {} : { name: named.name }) },
      body,
      ...(model === undefined ? {} : { model }),
      ...(description === undefined ? {} : { description }),
      aliases,
      dependsOn: dependenciesOf(dependsOn(metadata), { ...place, path: [...place.path, 'metadata', 'dependsOn'] }),
      fieldPath: fieldPath(named.from),
    },
    root,
  );
  return named.hidden === undefined
    ? converted
    : { ...converted, findings: [...converted.findings, hiddenName(place, named)] };
}

function dependsOn(metadata: JsonObject): JsonValue | undefined {
  return fieldOf(metadata, 'dependsOn') ?? fieldOf(mapOf(metadata, 'additionalProperties'), 'dependsOn');
}

/** The flag has moved about: some generations nest it. */
function isDrawn(value: JsonValue): boolean {
  const places = [['metadata', 'isAnnotation'], ['metadata', 'additionalProperties', 'isAnnotation'], ['isAnnotation']];
  return places.some((names) => deepFieldOf(value, ...names) === true);
}

function modelOf(value: JsonValue) {
  const [model, reference] = [mapOf(value, 'model'), mapOf(value, 'modelReference')];
  const name = textOf(model, 'name') ?? textOf(reference, 'name');
  if (name === undefined) return undefined;
  const version = stringAt(model, 'model', 'version') ?? stringAt(reference, 'model', 'version');
  return { name, ...(version === undefined || version === '' ? {} : { version }) };
}

type GivenName = { readonly name?: string; readonly from: 'displayName' | 'metadata'; readonly hidden?: string };

/** Meshery names the object after `displayName`; a name in its metadata is used only where that is no name for an object. */
function nameOf(configuration: JsonObject, displayName: string | undefined): GivenName {
  const own = stringAt(configuration, 'metadata', 'name') ?? '';
  if (own === '') return { ...(displayName === undefined ? {} : { name: displayName }), from: 'displayName' };
  if (displayName === undefined || (!isPlainName(displayName) && isPlainName(own)))
    return { name: own, from: 'metadata' };
  return { name: displayName, from: 'displayName', ...(displayName === own ? {} : { hidden: own }) };
}

function hiddenName(place: SourcePlace, { name, hidden }: GivenName) {
  return findingAt(
    { ...place, path: [...place.path, 'displayName'] },
    {
      severity: 'warning',
      code: 'meshery.twoNames',
      message: `The component is called "${name}", but its metadata says "${hidden}"; the object is named "${name}", as Meshery does it.`,
      fix: 'Make the two the same.',
    },
  );
}

function fieldPath(nameFrom: GivenName['from']): (path: JsonPath) => JsonPath {
  return (path) => {
    const [first, second] = path;
    if (first === 'apiVersion') return ['component', 'version'];
    if (first === 'kind') return ['component', 'kind'];
    if (first === 'metadata' && second === 'name' && nameFrom === 'displayName') return ['displayName'];
    return path.length === 0 ? [] : ['configuration', ...path];
  };
}

function noKind(place: SourcePlace) {
  return findingAt(place, {
    severity: 'error',
    code: 'meshery.missingKind',
    message: 'The component says neither component.kind nor configuration.kind.',
    fix: 'Add component.kind and component.version.',
  });
}

function notAList(place: SourcePlace) {
  return findingAt(place, {
    severity: 'error',
    code: 'meshery.componentsNotAList',
    message: 'components must be a list.',
    fix: 'Give a list of components; a template of the format is not a design.',
  });
}
