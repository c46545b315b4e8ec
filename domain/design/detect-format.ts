import { designApiVersion, type DesignFormat } from '../design.ts';
import { groupOf } from '../kubernetes-object.ts';
import { isJsonObject, objectAt, stringAt, type JsonObject } from '../json.ts';
import { fieldOf } from './meshery-fields.ts';
import type { SourceDocument } from './source-document.ts';

/** What a file is, when it is not a design in an accepted format; each has its own advice. */
export type ForeignFormat = 'helmChart' | 'mesheryDefinition' | 'mixed' | 'severalDesigns' | 'text' | 'unknown';

export type DetectedFormat = { readonly format: DesignFormat } | { readonly foreign: ForeignFormat };

/** Tells the format of a design by what its documents hold. */
export function detectFormat(documents: readonly SourceDocument[]): DetectedFormat {
  const values = documents.map((document) => document.value).filter((value) => value !== null && value !== undefined);
  const formats = new Set(values.map(formatOf));
  const [only] = formats;
  if (only === undefined || isBrokenManifests(formats)) return { format: 'manifests' };
  if (formats.size > 1) return { foreign: 'mixed' };
  if (!isDesignFormat(only)) return { foreign: only };
  return values.length > 1 && only !== 'manifests' ? { foreign: 'severalDesigns' } : { format: only };
}

/** Manifests among which some lack what makes them one are still manifests: the checks say what is missing where. */
function isBrokenManifests(formats: ReadonlySet<DesignFormat | ForeignFormat>): boolean {
  return formats.has('manifests') && [...formats].every((format) => ['manifests', 'unknown', 'text'].includes(format));
}

const formatsOfDocuments: readonly DesignFormat[] = [
  'slipway',
  'manifests',
  'meshery',
  'pattern',
  'kustomize',
  'compose',
];

function isDesignFormat(format: DesignFormat | ForeignFormat): format is DesignFormat {
  return formatsOfDocuments.some((known) => known === format);
}

function formatOf(value: unknown): DesignFormat | ForeignFormat {
  if (Array.isArray(value)) return value.every((item) => formatOf(item) === 'manifests') ? 'manifests' : 'unknown';
  if (!isJsonObject(value)) return 'text';
  const apiVersion = stringAt(value, 'apiVersion') ?? '';
  if (groupOf(apiVersion) === groupOf(designApiVersion)) return 'slipway';
  if (isKustomization(value)) return 'kustomize';
  if (Object.hasOwn(value, 'apiVersion') || Object.hasOwn(value, 'kind'))
    return isHelmChart(value) ? 'helmChart' : kindOfManifest(value);
  return formatWithoutKind(value);
}

/** Meshery's own definitions have a kind too, but not one of Kubernetes. */
function kindOfManifest(value: JsonObject): DesignFormat | ForeignFormat {
  return isMesheryDefinition(value) ? 'mesheryDefinition' : 'manifests';
}

function formatWithoutKind(value: JsonObject): DesignFormat | ForeignFormat {
  const schemaVersion = String(fieldOf(value, 'schemaVersion') ?? '');
  if (isMesheryDefinition(value)) return 'mesheryDefinition';
  if (isJsonObject(value['services'])) return isPattern(value) ? 'pattern' : 'compose';
  if (Object.hasOwn(value, 'components') || schemaVersion.startsWith('designs.meshery.io/')) return 'meshery';
  return Object.hasOwn(value, 'metadata') || Object.hasOwn(value, 'spec') ? 'manifests' : 'unknown';
}

function isKustomization(value: JsonObject): boolean {
  if (groupOf(stringAt(value, 'apiVersion') ?? '') === 'kustomize.config.k8s.io') return true;
  const { resources } = value;
  const isPathList = Array.isArray(resources) && resources.every((resource) => typeof resource === 'string');
  return (
    !Object.hasOwn(value, 'apiVersion') &&
    (value['kind'] === 'Kustomization' || (isPathList && !Object.hasOwn(value, 'kind')))
  );
}

function isHelmChart(value: JsonObject): boolean {
  return (
    /^v[12]$/.test(stringAt(value, 'apiVersion') ?? '') &&
    !Object.hasOwn(value, 'kind') &&
    typeof value['version'] === 'string'
  );
}

function isMesheryDefinition(value: JsonObject): boolean {
  const schemaVersion = String(fieldOf(value, 'schemaVersion') ?? '');
  if (
    /^(components|models|relationships|connections|environments|workspaces|teams|policies)\.meshery\.io\//.test(
      schemaVersion,
    )
  )
    return true;
  return (stringAt(value, 'apiVersion') ?? '').startsWith('core.meshmodel.dev/') && Object.hasOwn(value, 'schema');
}

/** Compose has `services` too; only a pattern's services have a type, and only a pattern says that it is one. */
function isPattern(value: JsonObject): boolean {
  const services = Object.values(objectAt(value, 'services'));
  const names = ['schemaVersion', 'patternID', 'vars'];
  if (names.some((name) => fieldOf(value, name) !== undefined)) return true;
  return services.length === 0
    ? typeof value['name'] === 'string'
    : services.some((service) => typeof fieldOf(service, 'type') === 'string');
}
