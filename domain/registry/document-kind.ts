import { isJsonObject, type JsonObject, stringAt } from '../json.ts';
import { isCrd } from './from-crd.ts';
import { ownSchemas } from './own-documents.ts';

/** What a document of a source is to the registry. */
export type DocumentKind =
  | 'crd'
  | 'mesheryModel'
  | 'mesheryComponent'
  | 'mesheryRelationship'
  | 'design'
  | 'profile'
  | 'sample'
  | 'installation'
  | 'openApi'
  | 'object'
  | 'other';

const byGroup: Readonly<Record<string, DocumentKind>> = {
  'models.meshery.io': 'mesheryModel',
  'components.meshery.io': 'mesheryComponent',
  'relationships.meshery.io': 'mesheryRelationship',
  'designs.meshery.io': 'design',
};

const bySchemaVersion: Readonly<Record<string, DocumentKind>> = {
  [ownSchemas.profile]: 'profile',
  [ownSchemas.sample]: 'sample',
  [ownSchemas.installation]: 'installation',
};

/** Tells a document by its version of a schema, and older ones that say none by what they hold. */
export function kindOfDocument(value: unknown): DocumentKind {
  if (!isJsonObject(value)) return 'other';
  if (isCrd(value)) return 'crd';
  const schemaVersion = stringAt(value, 'schemaVersion') ?? '';
  const known = bySchemaVersion[schemaVersion] ?? byGroup[schemaVersion.split('/')[0] ?? ''];
  return known ?? kindWithoutSchema(value);
}

function kindWithoutSchema(value: JsonObject): DocumentKind {
  if (isOldComponent(value) || stringAt(value, 'component', 'kind') !== undefined) return 'mesheryComponent';
  if (isDesign(value)) return 'design';
  if (Array.isArray(value['selectors']) && typeof value['kind'] === 'string') return 'mesheryRelationship';
  if (isOpenApi(value)) return 'openApi';
  return isObject(value) ? 'object' : 'other';
}

/** v1alpha1: kind, apiVersion and a schema in a text, all at the top. */
function isOldComponent(value: JsonObject): boolean {
  return (
    typeof value['kind'] === 'string' && typeof value['apiVersion'] === 'string' && typeof value['schema'] === 'string'
  );
}

function isDesign(value: JsonObject): boolean {
  const isNew = Array.isArray(value['components']) && typeof value['name'] === 'string' && value['kind'] === undefined;
  return isNew || (isJsonObject(value['services']) && typeof value['name'] === 'string' && value['kind'] === undefined);
}

function isOpenApi(value: JsonObject): boolean {
  const isVersion3 = (stringAt(value, 'openapi') ?? '').startsWith('3') && isJsonObject(value['components']);
  return isVersion3 || (stringAt(value, 'swagger') === '2.0' && isJsonObject(value['definitions']));
}

function isObject(value: JsonObject): boolean {
  return (
    typeof value['apiVersion'] === 'string' && typeof value['kind'] === 'string' && isJsonObject(value['metadata'])
  );
}
