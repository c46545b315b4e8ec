import { isDrawingModel, meshKind } from '../design/meshery-adapters.ts';
import { fieldOf, mapOf, textOf } from '../design/meshery-fields.ts';
import { findingAt, type SourceDocument } from '../design/source-document.ts';
import { adapterNames } from '../design.ts';
import type { Finding } from '../finding.ts';
import { isJsonObject, type JsonObject, parseJson, stringAt, valueAt } from '../json.ts';
import { checkDefinition, type ReadDefinition } from './check-definition.ts';
import { componentDefinitionSchema, type ComponentDefinition, type ComponentKind } from './component-definition.ts';
import { keptMetadata, slipwayField } from './meshery-document.ts';
import { readableName } from './readable-name.ts';

type Adapter = ComponentDefinition['adapter'];

/** A component of Meshery: of v1beta1 and v1beta2, or of v1alpha1, where its kind and schema stand at the top. */
export function fromMesheryComponent(document: SourceDocument): ReadDefinition<ComponentDefinition> {
  const value = isJsonObject(document.value) ? document.value : {};
  const body = mapOf(value, 'component');
  const { kind, apiVersion } = kindOf(value);
  const read = schemaOf(fieldOf(body, 'schema') ?? fieldOf(value, 'schema'));
  if (read === undefined) return { findings: [badSchema(document, kind)] };
  const adapter = adapterOf(value, { kind, apiVersion });
  const checked = checkDefinition(
    componentDefinitionSchema,
    {
      kind,
      apiVersion,
      displayName: (textOf(value, 'displayName') ?? readableName(kind)).slice(0, 300),
      description: (textOf(value, 'description') ?? '').slice(0, 5_000),
      scope: scopeOf(value, adapter, { kind, apiVersion }),
      adapter,
      schema: read.schema,
      metadata: metadataOf(value),
    },
    document,
  );
  return read.repaired ? { ...checked, findings: [...checked.findings, repairedSchema(document, kind)] } : checked;
}

function kindOf(value: JsonObject): ComponentKind {
  const body = mapOf(value, 'component');
  return {
    kind: textOf(body, 'kind') ?? textOf(value, 'kind') ?? '',
    apiVersion: textOf(body, 'version') ?? textOf(value, 'apiVersion') ?? '',
  };
}

type ReadSchema = { readonly schema: JsonObject; readonly repaired?: true };

/** An object, or JSON in a text; no schema is one that takes anything. Some published ones lack their first brace. */
function schemaOf(schema: unknown): ReadSchema | undefined {
  if (isJsonObject(schema)) return { schema };
  if (schema === undefined || schema === null || schema === '') return { schema: {} };
  if (typeof schema !== 'string') return undefined;
  const whole = parseObject(schema);
  if (whole !== undefined) return { schema: whole };
  const completed = parseObject(`{${schema}`);
  return completed === undefined ? undefined : { schema: completed, repaired: true };
}

function parseObject(text: string): JsonObject | undefined {
  const parsed = parseJson(text);
  return isJsonObject(parsed) ? parsed : undefined;
}

function schemaFinding(
  document: SourceDocument,
  text: Pick<Finding, 'severity' | 'code' | 'message' | 'fix'>,
): Finding {
  const path = isJsonObject(valueAt(document.value, 'component')) ? ['component', 'schema'] : ['schema'];
  const { fix, ...rest } = text;
  return findingAt({ document, path }, { ...rest, ...(fix === undefined ? {} : { fix }) });
}

function badSchema(document: SourceDocument, kind: string): Finding {
  return schemaFinding(document, {
    severity: 'error',
    code: 'component.schema',
    message: `The schema of ${kind === '' ? 'the component' : kind} is not a JSON object.`,
    fix: 'Write a JSON Schema, as an object or as JSON in a text.',
  });
}

function repairedSchema(document: SourceDocument, kind: string): Finding {
  return schemaFinding(document, {
    severity: 'warning',
    code: 'component.schemaRepaired',
    message: `The schema of ${kind} lacks its first brace, which was added.`,
  });
}

function adapterOf(value: JsonObject, kind: ComponentKind): Adapter {
  const own = stringAt(value, 'metadata', slipwayField, 'adapter');
  return adapterNames.find((name) => name === own) ?? inferredAdapter(kind);
}

/** The adapter that goes without saying: the kinds that stand for a whole mesh have their own. */
export function inferredAdapter({ kind, apiVersion }: ComponentKind): Adapter {
  return apiVersion.startsWith('core.meshmodel.dev/') ? (meshKind(kind)?.adapter ?? 'kubernetes') : 'kubernetes';
}

/** Whether a kind is known to be none of Kubernetes where nothing says its scope. */
export function isOutsideOfKubernetes({ apiVersion }: ComponentKind, adapter: Adapter): boolean {
  return (
    adapter !== 'kubernetes' || apiVersion.startsWith('core.meshmodel.dev/') || isDrawingModel(undefined, apiVersion)
  );
}

function scopeOf(value: JsonObject, adapter: Adapter, kind: ComponentKind): ComponentDefinition['scope'] {
  if (valueAt(value, 'metadata', slipwayField, 'scope') === null) return null;
  const isNamespaced = fieldOf(mapOf(value, 'metadata'), 'isNamespaced');
  const isOwn = isJsonObject(valueAt(value, 'metadata', slipwayField));
  if (typeof isNamespaced === 'boolean' && (isOwn || !isOutsideOfKubernetes(kind, adapter)))
    return isNamespaced ? 'namespaced' : 'cluster';
  return isOutsideOfKubernetes(kind, adapter) ? null : 'namespaced';
}

function metadataOf(value: JsonObject): JsonObject {
  const unsaid = [
    ...(textOf(value, 'status') === 'enabled' ? ['status'] : []),
    ...(textOf(value, 'format') === 'JSON' ? ['format'] : []),
  ];
  return keptMetadata(value, {
    fields: ['displayName', 'description', 'kind', 'apiVersion', 'schema', 'component', 'model', ...unsaid],
    metadata: ['isNamespaced'],
  });
}
