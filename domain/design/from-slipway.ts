import type { Finding } from '../finding.ts';
import { arrayAt, isJsonObject, stringAt, valueAt, type JsonPath } from '../json.ts';
import type { DraftComponent, DraftDependency, DraftDesign } from './draft.ts';
import { namespaceProblem } from './object-names.ts';
import { schemaFindings } from './schema-findings.ts';
import { componentFieldsSchema, dependencySourceSchema, slipwaySourceSchema } from './slipway-source.ts';
import { findingAt, type SourceDocument, type SourcePlace } from './source-document.ts';

const componentsPath: JsonPath = ['spec', 'components'];

/** Slipway's own design format. It is strict: fields that it does not have are errors. */
export function fromSlipway(document: SourceDocument): DraftDesign {
  const { value } = document;
  const name = stringAt(value, 'metadata', 'name');
  const description = stringAt(value, 'metadata', 'description');
  const namespace = stringAt(value, 'spec', 'namespace');
  return {
    ...(name === undefined ? {} : { name }),
    ...(description === undefined ? {} : { description }),
    ...(namespace === undefined ? {} : { namespace }),
    components: arrayAt(value, ...componentsPath).map((component, index) => toDraft(component, index, document)),
    findings: [...sourceFindings(document), ...checkNamespace(document, namespace)],
  };
}

/** What is wrong inside an object is told by the checks that all formats share. */
function sourceFindings(document: SourceDocument): readonly Finding[] {
  const parsed = slipwaySourceSchema.safeParse(document.value);
  if (parsed.success) return [];
  return schemaFindings(
    document,
    parsed.error.issues.filter((issue) => !isInsideObject(issue.path)),
  );
}

function checkNamespace(document: SourceDocument, namespace: string | undefined): readonly Finding[] {
  const problem = namespace === undefined ? undefined : namespaceProblem(namespace);
  if (problem === undefined) return [];
  return [
    findingAt(
      { document, path: ['spec', 'namespace'] },
      {
        severity: 'error',
        code: 'design.invalidNamespace',
        message: `"${namespace}" is not a name for a namespace: it may have ${problem.rule}.`,
        fix:
          problem.suggestion === undefined
            ? 'Name a namespace, or remove the field.'
            : `For example: ${problem.suggestion}.`,
      },
    ),
  ];
}

function isInsideObject(path: readonly PropertyKey[]): boolean {
  return path[0] === 'spec' && path[3] === 'object';
}

/** Takes what is well formed, so that its own findings come with those of the schema. */
function toDraft(source: unknown, index: number, document: SourceDocument): DraftComponent {
  const path: JsonPath = [...componentsPath, index];
  const name = stringAt(source, 'name');
  const known = componentFields(source);
  return {
    ...(name === undefined || name === '' ? {} : { name }),
    ...known,
    aliases: [],
    dependsOn: arrayAt(source, 'dependsOn').flatMap(
      (_entry, entry) => toDependency(source, entry, { document, path }) ?? [],
    ),
    object: withDefaultName(valueAt(source, 'object'), name),
    place: { document, path },
    fieldPlace: (field) => ({ document, path: [...path, 'object', ...field] }),
  };
}

function componentFields(source: unknown): Pick<DraftComponent, 'description' | 'adapter' | 'model'> {
  const parsed = componentFieldsSchema.safeParse(source);
  if (!parsed.success) return {};
  const { description, adapter, model } = parsed.data;
  return {
    ...(description === undefined ? {} : { description }),
    ...(adapter === undefined ? {} : { adapter }),
    ...(model === undefined ? {} : { model }),
  };
}

function toDependency(source: unknown, index: number, { document, path }: SourcePlace): DraftDependency | undefined {
  const entry = valueAt(source, 'dependsOn', index);
  const parsed = dependencySourceSchema.safeParse(entry);
  if (!parsed.success) return undefined;
  const place = { document, path: [...path, 'dependsOn', index] };
  if (typeof parsed.data === 'string') return { target: parsed.data, state: 'ready', place };
  return { target: parsed.data.component, state: parsed.data.state, place };
}

/** An object without a name gets its component's. */
function withDefaultName(object: unknown, name: string | undefined): unknown {
  if (!isJsonObject(object) || name === undefined) return object;
  const { metadata = {} } = object;
  if (metadata !== null && !isJsonObject(metadata)) return object;
  if (metadata !== null && (Object.hasOwn(metadata, 'name') || Object.hasOwn(metadata, 'generateName'))) return object;
  return { ...object, metadata: { name, ...metadata } };
}
