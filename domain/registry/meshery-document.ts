import { isJsonObject, type JsonObject, type JsonValue } from '../json.ts';

/** What Meshery's formats are called where Slipway writes them; older ones are read too. */
export const mesherySchemas = {
  model: 'models.meshery.io/v1beta2',
  component: 'components.meshery.io/v1beta2',
  relationship: 'relationships.meshery.io/v1alpha3',
} as const;

/** The key in a Meshery document's metadata under which Slipway writes what Meshery has no field for. */
export const slipwayField = 'slipway';

/** The key in a definition's metadata under which the fields of a Meshery document are kept that stand outside of its metadata. */
export const mesheryField = 'meshery';

/** Fields that say which row of which database it was, or repeat what stands elsewhere. */
const unkeptFields = new Set([
  'id',
  'schemaversion',
  'version',
  'createdat',
  'updatedat',
  'deletedat',
  'hostid',
  'hostname',
  'displayhostname',
  'modelid',
  'modelreference',
  'connectionid',
  'registrantid',
  'categoryid',
  'components',
  'relationships',
  'componentscount',
  'relationshipscount',
]);

const nothing = new Set(['', '00000000-0000-0000-0000-000000000000', '0001-01-01T00:00:00Z']);

/** The name of a field without regard to how a generation of Meshery spells it. */
export function foldedName(name: string): string {
  return name.toLowerCase().replaceAll(/[_-]/g, '');
}

/** Whether Meshery writes this value for "none". */
export function isNothing(value: JsonValue | undefined): boolean {
  if (value === undefined || value === null) return true;
  if (typeof value === 'string') return nothing.has(value.trim());
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.values(value).every(isNothing);
}

/** The metadata of a definition: that of the document, with all other fields that say something, but for those in `read`. */
export function keptMetadata(
  document: JsonObject,
  read: { readonly fields: readonly string[]; readonly metadata: readonly string[] },
): JsonObject {
  const fields = new Set(['metadata', ...read.fields].map(foldedName));
  const others = Object.entries(document).filter(
    ([name, value]) => !fields.has(foldedName(name)) && !unkeptFields.has(foldedName(name)) && !isNothing(value),
  );
  const own = isJsonObject(document['metadata']) ? document['metadata'] : {};
  const kept = Object.entries(own).filter(([name]) => name !== slipwayField && !read.metadata.includes(name));
  return {
    ...Object.fromEntries(kept),
    ...(others.length === 0 ? {} : { [mesheryField]: Object.fromEntries(others) }),
  };
}

/** What `keptMetadata` put together, for writing; the fields are sorted. */
export function splitMetadata(metadata: JsonObject): { readonly metadata: JsonObject; readonly fields: JsonObject } {
  const { [mesheryField]: fields, ...own } = metadata;
  if (!isJsonObject(fields)) return { metadata, fields: {} };
  const sorted = Object.entries(fields).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return { metadata: own, fields: Object.fromEntries(sorted) };
}

/** The reference to its model that each document carries. */
export function modelReference(
  model: { readonly name: string; readonly version: string },
  definitionVersion: string,
): JsonObject {
  return {
    name: model.name,
    schemaVersion: mesherySchemas.model,
    version: definitionVersion,
    model: { version: model.version },
  };
}
