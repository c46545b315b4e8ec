import { canonicalJson, type JsonObject, stringAt, valueAt } from '../../domain/json.ts';
import type { ComponentDefinition } from '../../domain/registry/component-definition.ts';
import type { RelationshipDefinition, SelectorSet } from '../../domain/registry/relationship-definition.ts';
import type { Database } from '../database/database.ts';
import { membersOf } from '../database/registry/members.ts';
import type { ModelDetail } from '../database/registry/models.ts';

export const sheetKinds = ['models', 'components', 'relationships'] as const;
export type SheetKind = (typeof sheetKinds)[number];

/** The cells of a row by the headers of their columns. */
type Row = Readonly<Record<string, string>>;

const looks = ['shape', 'primaryColor', 'secondaryColor', 'svgColor', 'svgWhite', 'svgComplete'] as const;

/** The columns of Meshery's registry that a model of ours has something for, and the version, which those leave to the source. */
const columns: Readonly<Record<SheetKind, readonly string[]>> = {
  models: [
    'registrant',
    'modelDisplayName',
    'model',
    'category',
    'subCategory',
    'description',
    'sourceURL',
    ...looks,
    'isAnnotation',
    'publishToRegistry',
    'version',
  ],
  components: [
    'registrant',
    'model',
    'component',
    'category',
    'subCategory',
    'description',
    ...looks,
    'isAnnotation',
    'version',
    'schema',
    'status',
    'modelVersion',
  ],
  relationships: [
    'Model',
    'Version',
    'kind',
    'type',
    'subType',
    'metadata.description',
    'selectors.deny.from',
    'selectors.deny.to',
    'selectors.allow.from',
    'selectors.allow.to',
    'selector',
    'filename',
  ],
};

/** A table of models, of their components or of their relationships, with the columns of Meshery's registry, as CSV (RFC 4180). */
export async function* writeSheet(
  database: Database,
  kind: SheetKind,
  models: AsyncIterable<ModelDetail>,
): AsyncGenerator<Uint8Array, void> {
  yield Buffer.from(line(columns[kind]));
  for await (const model of models) {
    for await (const row of rowsOf(database, kind, model)) {
      yield Buffer.from(line(columns[kind].map((column) => row[column] ?? '')));
    }
  }
}

async function* rowsOf(database: Database, kind: SheetKind, model: ModelDetail): AsyncGenerator<Row, void> {
  if (kind === 'models') {
    yield modelRow(model);
    return;
  }
  const type = kind === 'components' ? 'component' : 'relationship';
  for await (const member of membersOf(database, { modelId: model.id, type })) {
    if (member.type === 'component') yield componentRow(model, member.definition);
    if (member.type === 'relationship') yield relationshipRow(model, member.definition);
  }
}

function modelRow(model: ModelDetail): Row {
  return {
    ...looksOf(model.metadata),
    registrant: model.registrant.kind,
    modelDisplayName: model.displayName,
    model: model.name,
    category: model.category,
    subCategory: model.subCategory,
    description: model.description,
    sourceURL: model.registrant.address,
    publishToRegistry: String(model.status === 'enabled').toUpperCase(),
    version: model.version,
  };
}

function componentRow(model: ModelDetail, definition: ComponentDefinition): Row {
  return {
    ...looksOf(definition.metadata),
    registrant: model.registrant.kind,
    model: model.name,
    component: definition.kind,
    category: model.category,
    subCategory: model.subCategory,
    description: definition.description,
    version: definition.apiVersion,
    schema: canonicalJson(definition.schema),
    status: model.status,
    modelVersion: model.version,
  };
}

const noPairs: SelectorSet['allow'] = { from: [], to: [] };

/** The four cells of selectors hold those of the first set; `selector` holds all sets. */
function relationshipRow(model: ModelDetail, definition: RelationshipDefinition): Row {
  const { allow, deny = noPairs } = definition.selectors[0] ?? { allow: noPairs };
  return {
    Model: model.name,
    Version: model.version,
    kind: definition.kind,
    type: definition.type,
    subType: definition.subType,
    'metadata.description': definition.description,
    'selectors.deny.from': JSON.stringify(deny.from),
    'selectors.deny.to': JSON.stringify(deny.to),
    'selectors.allow.from': JSON.stringify(allow.from),
    'selectors.allow.to': JSON.stringify(allow.to),
    selector: JSON.stringify(definition.selectors),
    filename: `${definition.name}.json`,
  };
}

function looksOf(metadata: JsonObject): Row {
  const known = looks.map((name) => [name, stringAt(metadata, name) ?? stringAt(metadata, 'styles', name) ?? '']);
  return { ...Object.fromEntries(known), isAnnotation: String(valueAt(metadata, 'isAnnotation') === true) };
}

function line(cells: readonly string[]): string {
  return `${cells.map(cell).join(',')}\r\n`;
}

/** What a spreadsheet would take for a formula is told to be text by an apostrophe, except what is no more than a number. */
function cell(text: string): string {
  const safe = /^[=+@\t\r]|^-[^\d]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
