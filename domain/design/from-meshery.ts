import { stringAt, type JsonObject, type JsonPath, type JsonValue } from '../json.ts';
import type { DraftDesign } from './draft.ts';
import { isDrawingModel } from './meshery-adapters.ts';
import { convertParts, dependenciesOf, toDraftDesign, type ConvertedComponent } from './meshery-component.ts';
import { deepFieldOf, fieldOf, keyOf, mapOf, textOf } from './meshery-fields.ts';
import { presentFields } from './present-fields.ts';
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
  const { kind, apiVersion } = typeOf(value);
  const model = modelOf(value);
  const displayName = textOf(value, 'displayName');
  const aliases = [textOf(value, 'id'), displayName].filter((alias) => alias !== undefined);
  if (isDrawn(value) || isDrawingModel(model?.name, apiVersion)) return { aliases, findings: [] };
  if (kind === undefined) return { aliases, findings: [noKind(place)] };
  const configuration = mapOf(value, 'configuration');
  const { apiVersion: _apiVersion, kind: _kind, metadata: _metadata, ...body } = configuration;
  const named = nameOf(configuration, displayName);
  const parts = presentFields({
    place,
    kind,
    aliases,
    apiVersion,
    metadata: { ...mapOf(configuration, 'metadata'), ...presentFields({ name: named.name }) },
    body,
    model,
    description: textOf(value, 'description'),
    dependsOn: dependenciesOfComponent(value, place),
    fieldPath: fieldPath(named.from),
  });
  const converted = convertParts(parts, root);
  if (named.hidden === undefined) return converted;
  return { ...converted, findings: [...converted.findings, hiddenName(place, named)] };
}

/** Some designs say kind and version in the configuration, as a manifest does. */
function typeOf(value: JsonValue): { readonly kind: string | undefined; readonly apiVersion: string | undefined } {
  const definition = mapOf(value, 'component');
  const configuration = mapOf(value, 'configuration');
  return {
    kind: textOf(definition, 'kind') ?? textOf(configuration, 'kind'),
    apiVersion: textOf(definition, 'version') ?? textOf(configuration, 'apiVersion'),
  };
}

function dependenciesOfComponent(value: JsonValue, place: SourcePlace) {
  const metadata = mapOf(value, 'metadata');
  const nested = mapOf(metadata, 'additionalProperties');
  const holder = fieldOf(metadata, 'dependsOn') === undefined ? nested : metadata;
  const path = [
    ...place.path,
    'metadata',
    ...(holder === nested ? [keyOf(metadata, 'additionalProperties') ?? ''] : []),
  ];
  return dependenciesOf(holder, { ...place, path });
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
