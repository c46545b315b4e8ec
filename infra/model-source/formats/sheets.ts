import { hasErrors, type Finding } from '../../../domain/finding.ts';
import {
  fromComponentRow,
  fromModelRow,
  fromRelationshipRow,
  modelOfRow,
  type SheetRow,
} from '../../../domain/registry/from-csv.ts';
import { resolveModel, type ModelHints } from '../../../domain/registry/model-hints.ts';
import { slugOf } from '../../../domain/registry/readable-name.ts';
import { readCsv } from '../csv/read-csv.ts';
import type { ExtractedMember, ExtractedModel } from '../extracted.ts';
import { fallbackName, overrideHints, sourceHints, type ExtractionContext } from '../extraction-context.ts';
import { withDerivedRelationships } from './derived-members.ts';
import { uniqueMembers } from './unique-members.ts';

type Sheets = {
  readonly models: readonly SheetRow[];
  readonly components: readonly SheetRow[];
  readonly relationships: readonly SheetRow[];
};

/** The models that sheets of Meshery's registry tell of together: one sheet of models, of components, of relationships, or several. */
export async function* extractSheets(
  context: ExtractionContext,
  paths: readonly string[],
): AsyncGenerator<ExtractedModel> {
  const sheets = await readSheets(context, paths);
  for (const { name, hints } of modelsIn(sheets)) {
    const belongs = belongsTo(name, hints.version);
    const components = sheets.components.filter((row) => belongs(row, 'modelversion'));
    const relationships = sheets.relationships.filter((row) => belongs(row, 'version'));
    if (relationships.length === 0 && !components.some(({ values }) => values['version'] !== undefined)) {
      context.note(emptyModel(name));
      continue;
    }
    const { head, findings } = resolveModel(
      [overrideHints(context), hints, sourceHints(context)],
      fallbackName(context),
    );
    context.note(...findings);
    const members = withDerivedRelationships(rowMembers(context, components, relationships));
    yield { head, members: uniqueMembers(members, context) };
  }
}

function emptyModel(name: string): Finding {
  return {
    severity: 'warning',
    code: 'csv.emptyModel',
    message: `No row tells what components or relationships ${name} has, so no model comes of it.`,
    fix: 'Give the sheets of components and relationships too, or generate the model from its source.',
    subject: name,
  };
}

async function readSheets({ tree, note }: ExtractionContext, paths: readonly string[]): Promise<Sheets> {
  const sheets = { models: [], components: [], relationships: [] } satisfies Record<keyof Sheets, SheetRow[]>;
  const rows: Record<keyof Sheets, SheetRow[]> = sheets;
  for (const file of paths) {
    const { table, findings } = await readCsv(await tree.read(file), file);
    note(...findings);
    if (table !== undefined) for (const { line, values } of table.rows) rows[table.kind].push({ file, line, values });
  }
  return rows;
}

type SheetModel = { readonly name: string; readonly hints: ModelHints };

/** The models of their own sheet; where there is none, or not of that name, those that the other rows name. */
function modelsIn({ models, components, relationships }: Sheets): readonly SheetModel[] {
  const told = models.map((row) => fromModelRow(row));
  const known = new Set(told.map(({ name }) => name));
  const named = [...components.map(hintsBy('modelversion')), ...relationships.map(hintsBy('version'))].filter(
    ({ name }) => !known.has(name),
  );
  const byName = new Map(
    [...told, ...named].toReversed().map((hints) => [`${hints.name}@${plainVersion(hints.version) ?? ''}`, hints]),
  );
  const all = [...byName.values()].toReversed().map((hints) => ({ ...hints, version: plainVersion(hints.version) }));
  const versioned = new Set(all.filter(({ version }) => version !== undefined).map(({ name }) => name));
  // Rows without a version belong to all versions that others name.
  return all
    .filter(({ name, version }) => version !== undefined || !versioned.has(name))
    .map((hints) => ({ name: hints.name ?? '', hints }));
}

function hintsBy(versionColumn: string): (row: SheetRow) => ModelHints {
  return (row) => ({ ...modelOfRow(row), version: row.values[versionColumn] });
}

/** `*` stands for every version. */
function plainVersion(version: string | undefined): string | undefined {
  return version === '*' ? undefined : version;
}

function belongsTo(name: string, version: string | undefined): (row: SheetRow, column: string) => boolean {
  return (row, column) => {
    const wanted = plainVersion(row.values[column]);
    const isOfModel = slugOf(modelOfRow(row).name ?? '') === slugOf(name);
    return isOfModel && (wanted === undefined || version === undefined || wanted === version);
  };
}

async function* rowMembers(
  { note }: ExtractionContext,
  components: readonly SheetRow[],
  relationships: readonly SheetRow[],
): AsyncGenerator<ExtractedMember> {
  for (const row of components) {
    const { definition, findings } = fromComponentRow(row);
    if (hasErrors(findings)) yield { type: 'rejected', place: placeOf(row), findings };
    else note(...findings);
    if (definition !== undefined) yield { type: 'component', definition, place: placeOf(row) };
  }
  for (const row of relationships) {
    const { definition, findings } = fromRelationshipRow(row);
    if (definition === undefined || hasErrors(findings)) yield { type: 'rejected', place: placeOf(row), findings };
    else yield { type: 'relationship', definition, place: placeOf(row) };
  }
}

function placeOf({ file, line }: SheetRow): string {
  return `${file}:${line}`;
}
