/** The tables of Meshery's registry, and the columns without which a row of them says nothing. */
const requiredColumns = {
  models: ['modelDisplayName', 'model'],
  relationships: ['model', 'kind', 'type', 'subType'],
  components: ['model', 'component'],
} as const;

export type TableKind = keyof typeof requiredColumns;

export type RecognisedHeader = { readonly kind: TableKind; readonly missing: readonly string[] };

/** A header for comparing: `Component Builder` and `component_builder` are one, so are `metadata.styles` and `metadata styles`. */
export function columnKey(header: string): string {
  return header
    .trim()
    .toLowerCase()
    .replaceAll(/[\s.]+/g, '_');
}

/** What table a row is the header of, and what it lacks; undefined where that cannot be told. */
export function recogniseHeader(cells: readonly string[]): RecognisedHeader | undefined {
  const present = new Set(cells.map(columnKey));
  const candidates = tableKinds.map((kind) => {
    const missing = requiredColumns[kind].filter((column) => !present.has(columnKey(column)));
    return { kind, missing, share: 1 - missing.length / requiredColumns[kind].length };
  });
  const [best, next] = candidates.toSorted((one, other) => other.share - one.share);
  if (best === undefined || best.share === 0) return undefined;
  const isClear = best.share === 1 || best.share > (next?.share ?? 0);
  return isClear ? { kind: best.kind, missing: best.missing } : undefined;
}

/** What each table needs, in words. */
export function describeTables(): string {
  return tableKinds.map((kind) => `${kind} (${requiredColumns[kind].join(', ')})`).join(', ');
}

const tableKinds: readonly TableKind[] = ['models', 'relationships', 'components'];
