import { and, asc, desc, eq, exists, gt, lt, notExists, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Design, type DesignFormat, designFormats } from '../../domain/design.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { type Finding, findingSchema } from '../../domain/finding.ts';
import { newId } from '../ids.ts';
import type { Vault } from '../secrets/vault.ts';
import { asSelects } from './bulk.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import { digestOf } from '../digest.ts';
import type { Database, Queries } from './database.ts';
import { activeDeployments } from './deployments.ts';
import { isTaken } from './failures.ts';
import { recordDeclarations } from './registry/design-components.ts';
import { deployments, designRevisions, designs } from './schema.ts';
import { openJson, sealJson } from './sealed-json.ts';

/** One revision of a design, without its bodies. */
export const designRevisionSchema = z.object({
  designId: z.string(),
  revision: z.number().int(),
  format: z.enum(designFormats),
  /** SHA-256 of the canonical design. */
  digest: z.string(),
  componentCount: z.number().int(),
  findings: z.array(findingSchema),
  actor: z.string(),
  createdAt: z.iso.datetime(),
});

/** A design as it is listed, with what its newest revision says. */
export const storedDesignSchema = designRevisionSchema.omit({ designId: true, actor: true }).extend({
  id: z.string(),
  name: z.string(),
  updatedAt: z.iso.datetime(),
});

export type DesignRevision = z.infer<typeof designRevisionSchema>;
export type StoredDesign = z.infer<typeof storedDesignSchema>;
export type DesignRevisionBody = DesignRevision & { readonly source: string; readonly design: Design };

export type NewRevision = {
  readonly format: DesignFormat;
  /** The text as it was given. */
  readonly source: string;
  readonly design: Design;
  readonly findings: readonly Finding[];
  readonly actor: string;
};

/** The new design at revision 1. Throws SlipwayError `conflict` when the name is taken. */
export async function createDesign(
  database: Database,
  { name, ...input }: NewRevision & { readonly name: string },
): Promise<StoredDesign> {
  const now = new Date().toISOString();
  const design = { id: newId('dsn'), name, revision: 1, createdAt: now, updatedAt: now };
  const revision = revisionRow(database.vault, { designId: design.id, revision: 1, createdAt: now, input });
  try {
    await database.write((queries) => [
      queries.insert(designs).values(design),
      queries.insert(designRevisions).values(revision),
      ...recordDeclarations(queries, revision, input.design),
    ]);
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new SlipwayError('conflict', `a design named ${name} exists already`, {
      cause: error,
      fix: 'Give another name, or update the design that exists.',
    });
  }
  return storedDesignSchema.parse({ ...revision, ...design });
}

/**
 * The design with the new revision, or as it is when nothing changed. Throws SlipwayError `preconditionFailed` when
 * another revision than `expectedRevision` is the newest.
 */
export async function addRevision(
  database: Database,
  { id, expectedRevision, ...input }: NewRevision & { readonly id: string; readonly expectedRevision: number },
): Promise<StoredDesign> {
  const current = await requireDesign(database, id);
  if (current.revision !== expectedRevision) throw stale(current);
  if (current.digest === digestOf(input.design)) return current;

  const updatedAt = new Date().toISOString();
  const revision = expectedRevision + 1;
  const row = revisionRow(database.vault, { designId: current.id, revision, createdAt: updatedAt, input });
  const [moved] = await database.write((queries) => [
    queries
      .update(designs)
      .set({ revision, updatedAt })
      .where(and(eq(designs.id, current.id), eq(designs.revision, expectedRevision)))
      .returning({ id: designs.id }),
    ...asSelects(designRevisions, [row]).map((rows) =>
      queries.insert(designRevisions).select(sql`${rows} and changes() = 1`),
    ),
    ...recordDeclarations(queries, row, input.design),
  ]);
  if (moved.length === 0) throw stale(await requireDesign(database, id));
  return requireDesign(database, current.id);
}

/** The names of the first thousand designs, to find the one that was meant. */
export async function designNames(database: Database): Promise<readonly string[]> {
  const rows = await database.read((queries) => queries.select({ name: designs.name }).from(designs).limit(1_000));
  return rows.map(({ name }) => name);
}

/** The design of that id or name, or undefined. */
export async function findDesign(database: Database, idOrName: string): Promise<StoredDesign | undefined> {
  const rows = await database.read((queries) =>
    selectDesigns(queries)
      .where(or(eq(designs.id, idOrName), eq(designs.name, idOrName)))
      .orderBy(desc(eq(designs.id, idOrName)))
      .limit(1),
  );
  return rows.map((row) => storedDesignSchema.parse(row))[0];
}

/** Designs by name. */
export async function listDesigns(database: Database, request: PageRequest = {}): Promise<Page<StoredDesign>> {
  const after = decodeCursor(request, z.string());
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    selectDesigns(queries)
      .where(after === undefined ? undefined : gt(designs.name, after))
      .orderBy(asc(designs.name))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => storedDesignSchema.parse(row), key: (row) => row.name });
}

/** Revisions of a design, newest first. */
export async function listRevisions(
  database: Database,
  { id, ...request }: PageRequest & { readonly id: string },
): Promise<Page<DesignRevision>> {
  const before = decodeCursor(request, z.number());
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries
      .select(revisionColumns)
      .from(designRevisions)
      .where(
        and(eq(designRevisions.designId, id), before === undefined ? undefined : lt(designRevisions.revision, before)),
      )
      .orderBy(desc(designRevisions.revision))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => designRevisionSchema.parse(row), key: (row) => row.revision });
}

/** One revision with the text as it was given and the design that it became. Throws SlipwayError `notFound`. */
export async function readRevision(
  database: Database,
  { id, revision }: { readonly id: string; readonly revision: number },
): Promise<DesignRevisionBody> {
  const [row] = await database.read((queries) =>
    queries
      .select()
      .from(designRevisions)
      .where(and(eq(designRevisions.designId, id), eq(designRevisions.revision, revision))),
  );
  if (row === undefined) throw new SlipwayError('notFound', `design ${id} has no revision ${revision}`);
  return {
    ...designRevisionSchema.parse(row),
    source: database.vault.openText(row.sealedSource, revisionContext(row, 'source')),
    design: openJson<Design>(database.vault, row.sealedDesign, revisionContext(row, 'design')),
  };
}

/**
 * Deletes the design, its revisions and the records of its ended deployments. Throws SlipwayError `conflict` while one
 * of them is in a cluster, `preconditionFailed` when the design is not at `expectedRevision`, `notFound`.
 */
export async function deleteDesign(
  database: Database,
  { id, expectedRevision }: { readonly id: string; readonly expectedRevision?: number | undefined },
): Promise<void> {
  const [, deleted] = await database.write((queries) => {
    const wanted = and(
      eq(designs.id, id),
      expectedRevision === undefined ? undefined : eq(designs.revision, expectedRevision),
      notExists(activeDeployments(queries, eq(deployments.designId, id))),
    );
    const found = queries.select({ id: designs.id }).from(designs).where(wanted);
    return [
      queries.delete(deployments).where(and(eq(deployments.designId, id), exists(found))),
      queries.delete(designs).where(wanted).returning({ id: designs.id }),
    ];
  });
  if (deleted.length === 0) throw await refusalOf(database, { id, expectedRevision });
}

async function refusalOf(
  database: Database,
  { id, expectedRevision }: { readonly id: string; readonly expectedRevision: number | undefined },
): Promise<SlipwayError> {
  const design = await requireDesign(database, id);
  if (expectedRevision !== undefined && design.revision !== expectedRevision) return stale(design);
  const [first, ...others] = await database.read((queries) => activeDeployments(queries, eq(deployments.designId, id)));
  return new SlipwayError('conflict', `design ${design.name} is deployed`, {
    fix: 'Undeploy it first.',
    details: { deploymentCount: others.length + 1, ...(first === undefined ? {} : { deploymentId: first.id }) },
  });
}

async function requireDesign(database: Database, id: string): Promise<StoredDesign> {
  const design = await findDesign(database, id);
  if (design === undefined) throw new SlipwayError('notFound', `there is no design ${id}`);
  return design;
}

function stale(design: StoredDesign): SlipwayError {
  return new SlipwayError('preconditionFailed', `design ${design.name} is at revision ${design.revision} now`, {
    fix: 'Read it again and repeat the change on what it is now.',
    details: { revision: design.revision },
  });
}

const revisionColumns = {
  designId: designRevisions.designId,
  revision: designRevisions.revision,
  format: designRevisions.format,
  digest: designRevisions.digest,
  componentCount: designRevisions.componentCount,
  findings: designRevisions.findings,
  actor: designRevisions.actor,
  createdAt: designRevisions.createdAt,
};

function selectDesigns(queries: Queries) {
  const { format, digest, componentCount, findings } = revisionColumns;
  const { id, name, revision, createdAt, updatedAt } = designs;
  return queries
    .select({ id, name, revision, format, digest, componentCount, findings, createdAt, updatedAt })
    .from(designs)
    .innerJoin(
      designRevisions,
      and(eq(designRevisions.designId, designs.id), eq(designRevisions.revision, designs.revision)),
    )
    .$dynamic();
}

type RevisionPlace = { readonly designId: string; readonly revision: number };

function revisionRow(
  vault: Vault,
  { input, ...place }: RevisionPlace & { readonly createdAt: string; readonly input: NewRevision },
): typeof designRevisions.$inferInsert {
  return {
    ...place,
    format: input.format,
    digest: digestOf(input.design),
    componentCount: input.design.components.length,
    sealedSource: vault.seal(input.source, revisionContext(place, 'source')),
    sealedDesign: sealJson(vault, input.design, revisionContext(place, 'design')),
    findings: input.findings,
    actor: input.actor,
  };
}

function revisionContext({ designId, revision }: RevisionPlace, field: 'source' | 'design'): string {
  return `design/${designId}/${revision}/${field}`;
}
