import { sql } from 'drizzle-orm';
import type { BatchItem } from 'drizzle-orm/batch';
import { SlipwayError } from '../../../domain/errors.ts';
import { asSelects, isOneOf } from '../bulk.ts';
import type { Database, Queries } from '../database.ts';
import { isStillReferenced } from '../failures.ts';
import { packBody } from './definition-body.ts';
import { type KeyedMember, type MemberRows, toRows } from './member-rows.ts';
import { components, definitions, installedKinds, modelMembers, relationships } from './tables.ts';

/** Members of one write: keeps each batch short, and the bodies that are held few. */
const batchSize = 500;

/** Writes members of a staged model, and the bodies that are not stored yet. */
export async function writeMembers(
  database: Database,
  { modelId, keyed }: { readonly modelId: string; readonly keyed: readonly KeyedMember[] },
): Promise<void> {
  for (let start = 0; start < keyed.length; start += batchSize) {
    await writeBatch(database, modelId, keyed.slice(start, start + batchSize));
  }
}

/**
 * Bodies that are stored already are not sent. One of them may go in between, with the last model that held it; the reference
 * of the member then fails, nothing of the batch is written, and it is sent again with all bodies.
 */
async function writeBatch(database: Database, modelId: string, keyed: readonly KeyedMember[]): Promise<void> {
  const known = await storedDigests(database, keyed);
  try {
    await writeOnce(database, { modelId, keyed, known });
  } catch (error) {
    if (!isStillReferenced(error)) throw error;
    await writeOnce(database, { modelId, keyed, known: new Set() }).catch((again: unknown) => {
      throw isStillReferenced(again) ? goneMeanwhile(again) : again;
    });
  }
}

async function writeOnce(
  database: Database,
  { modelId, keyed, known }: { modelId: string; keyed: readonly KeyedMember[]; known: ReadonlySet<string> },
): Promise<void> {
  const unknown = new Map(keyed.flatMap(({ body }) => (known.has(body.digest) ? [] : [[body.digest, body]])));
  const bodies = [...unknown.values()].map((body) => ({ digest: body.digest, body: packBody(body) }));
  const rows = toRows(modelId, keyed);
  await database.write((queries): Batch => {
    const [first, ...others] = asSelects(definitions, bodies).map((source) =>
      queries.insert(definitions).select(source).onConflictDoNothing(),
    );
    const inserts = insertsOf(queries, rows);
    return first === undefined ? inserts : [first, ...others, ...inserts];
  });
}

type Statement = BatchItem<'sqlite'>;
type Batch = readonly [Statement, ...Statement[]];

function insertsOf(queries: Queries, rows: MemberRows): Batch {
  return [
    queries.insert(modelMembers).select(sql.join([...asSelects(modelMembers, rows.members)])),
    ...asSelects(components, rows.components).map((source) => queries.insert(components).select(source)),
    ...asSelects(relationships, rows.relationships).map((source) => queries.insert(relationships).select(source)),
    ...asSelects(installedKinds, rows.installedKinds).map((source) => queries.insert(installedKinds).select(source)),
  ];
}

async function storedDigests(database: Database, keyed: readonly KeyedMember[]): Promise<ReadonlySet<string>> {
  const digests = keyed.map(({ body }) => body.digest);
  const rows = await database.read((queries) =>
    queries.select({ digest: definitions.digest }).from(definitions).where(isOneOf(definitions.digest, digests)),
  );
  return new Set(rows.map(({ digest }) => digest));
}

/** The model's own row goes when another try of the source begins, a file that it carries when nothing used it for a day. */
function goneMeanwhile(cause: unknown): SlipwayError {
  return new SlipwayError('unavailable', 'what is being stored was given up by another try, or a file of it is gone', {
    cause,
    fix: 'Try again.',
  });
}
