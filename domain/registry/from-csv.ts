import { findingAt, type SourceDocument } from '../design/source-document.ts';
import type { Finding } from '../finding.ts';
import { isJsonObject, type JsonObject, type JsonValue, jsonValueSchema } from '../json.ts';
import type { ReadDefinition } from './check-definition.ts';
import type { ComponentDefinition } from './component-definition.ts';
import { fromMesheryComponent } from './from-meshery-component.ts';
import { fromMesheryRelationship } from './from-meshery-relationship.ts';
import { categoryOf, type ModelHints } from './model-hints.ts';
import { pascalCase, readableName, slugOf } from './readable-name.ts';
import type { RelationshipDefinition } from './relationship-definition.ts';

/** A row of a sheet of Meshery's registry: its cells by column, in lower case with `_`; empty cells are left out. */
export type SheetRow = {
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly values: Readonly<Record<string, string>>;
};

/** Columns that say how something looks or where it is told of, by the names that Meshery gives them in metadata. */
const metadataColumns: Readonly<Record<string, string>> = {
  shape: 'shape',
  primarycolor: 'primaryColor',
  secondarycolor: 'secondaryColor',
  svgcolor: 'svgColor',
  svgwhite: 'svgWhite',
  svgcomplete: 'svgComplete',
  styleoverrides: 'styleOverrides',
  logourl: 'logoURL',
  docs: 'docs',
  website: 'website',
  sourceurl: 'source_uri',
  genealogy: 'genealogy',
  configurationuischema: 'configurationUISchema',
};
/** Columns that hold JSON. */
const jsonColumns: Readonly<Record<string, string>> = {
  styles: 'styles',
  capabilities: 'capabilities',
  defaultdata: 'defaultData',
};

/** The model that a row of the sheet of models, or of another one, tells of. */
export function modelOfRow({ values }: SheetRow): ModelHints {
  return {
    name: values['model'] ?? slugOf(values['modeldisplayname'] ?? ''),
    displayName: values['modeldisplayname'],
    category: categoryOf(values['category']),
    subCategory: values['subcategory'],
  };
}

/** All that a row of the sheet of models says. */
export function fromModelRow(row: SheetRow): ModelHints {
  const { values } = row;
  return {
    ...modelOfRow(row),
    version: values['version'],
    description: values['description'],
    metadata: metadataOf(row),
  };
}

/** The component of a row; one that says neither version nor schema only tells how a component looks that comes from elsewhere. */
export function fromComponentRow(row: SheetRow): ReadDefinition<ComponentDefinition> {
  const { values } = row;
  const name = values['component'] ?? '';
  const apiVersion = values['version'];
  if (apiVersion === undefined) return { findings: [withoutVersion(row, name)] };
  const kind = /^[A-Z][A-Za-z0-9]*$/.test(name) ? name : pascalCase(name);
  const document = documentOf(row, {
    displayName: readableName(name),
    description: values['description'] ?? '',
    component: { kind, version: apiVersion, schema: values['schema'] ?? '' },
    metadata: { ...metadataOf(row), ...flag(row, 'isannotation', 'isAnnotation') },
  });
  return fromMesheryComponent(document);
}

/** The relationship of a row: by its complete definition where it has one, else by its selectors. */
export function fromRelationshipRow(row: SheetRow): ReadDefinition<RelationshipDefinition> {
  const name = row.values['filename']?.replace(/\.json$/, '') ?? nameOf(row);
  const complete = parse(row, 'complete_definition');
  const cells = ['selector', ...pairColumns].map((column) => parse(row, column));
  const findings = [complete, ...cells].flatMap((cell) => cell.findings);
  if (findings.length > 0) return { findings };
  const value = isJsonObject(complete.value)
    ? complete.value
    : relationshipOf(
        row,
        cells.map((cell) => cell.value),
      );
  return fromMesheryRelationship(documentOf(row, value), name);
}

function relationshipOf(row: SheetRow, [sets, ...pairs]: readonly (JsonValue | undefined)[]): JsonObject {
  const text = (column: string): string => row.values[column] ?? '';
  return {
    kind: text('kind'),
    type: text('type'),
    subType: text('subtype'),
    evaluationQuery: text('evalpolicy'),
    metadata: { description: text('metadata_description'), ...relationshipMetadata(row) },
    selectors: Array.isArray(sets) ? sets : [setOf(pairs.map((pair) => (Array.isArray(pair) ? pair : [])))],
  };
}

const pairColumns = ['selectors_allow_from', 'selectors_allow_to', 'selectors_deny_from', 'selectors_deny_to'] as const;

function setOf([allowFrom = [], allowTo = [], denyFrom = [], denyTo = []]: readonly JsonValue[]): JsonObject {
  return { allow: { from: allowFrom, to: allowTo }, deny: { from: denyFrom, to: denyTo } };
}

function relationshipMetadata(row: SheetRow): JsonObject {
  const styles = parse(row, 'metadata_styles').value;
  return { ...(isJsonObject(styles) ? { styles } : {}), ...flag(row, 'metadata_isannotation', 'isAnnotation') };
}

function nameOf({ values, line }: SheetRow): string {
  return slugOf([values['kind'], values['type'], values['subtype'], `line-${line}`].filter(Boolean).join('-'));
}

function metadataOf(row: SheetRow): JsonObject {
  const texts = Object.entries(metadataColumns).flatMap(([column, name]) => {
    const value = row.values[column];
    return value === undefined ? [] : [[name, value] as const];
  });
  const parsed = Object.entries(jsonColumns).flatMap(([column, name]) => {
    const { value } = parse(row, column);
    return value === undefined ? [] : [[name, value] as const];
  });
  return Object.fromEntries([...texts, ...parsed]);
}

function flag({ values }: SheetRow, column: string, name: string): JsonObject {
  const text = values[column]?.toLowerCase();
  return text === 'true' || text === 'false' ? { [name]: text === 'true' } : {};
}

type Cell = { readonly value?: JsonValue; readonly findings: readonly Finding[] };

function parse(row: SheetRow, column: string): Cell {
  const text = row.values[column];
  if (text === undefined) return { findings: [] };
  try {
    return { value: jsonValueSchema.parse(JSON.parse(text)), findings: [] };
  } catch {
    return { findings: [notJson(row, column)] };
  }
}

function notJson(row: SheetRow, column: string): Finding {
  return findingAt(
    { document: documentOf(row, null), path: [column] },
    {
      severity: 'error',
      code: 'csv.json',
      message: `The cell in the column "${column}" of line ${row.line} is not JSON.`,
      fix: 'Correct the cell; JSON has double quotes, which CSV writes twice.',
    },
  );
}

function withoutVersion(row: SheetRow, name: string): Finding {
  return findingAt(
    { document: documentOf(row, null), path: ['version'] },
    {
      severity: 'warning',
      code: 'csv.noApiVersion',
      message: `Line ${row.line} has no version for "${name}", so it says how a component looks and not what it is; it is left out.`,
      fix: 'Give its API version and its schema, or generate the model from its source.',
    },
  );
}

function documentOf({ file, line }: SheetRow, value: JsonValue): SourceDocument {
  return { value, file, locate: () => ({ line, column: 1 }) };
}
