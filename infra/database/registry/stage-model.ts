import { and, eq, type SQL, sql } from 'drizzle-orm';
import { SlipwayError } from '../../../domain/errors.ts';
import type { MemberType, ModelHead, ModelMember } from '../../../domain/registry/model-member.ts';
import { formatModelReference, type Registrant } from '../../../domain/registry/model.ts';
import { digestOf } from '../../digest.ts';
import { newId } from '../../ids.ts';
import { asSelects } from '../bulk.ts';
import type { Database, Queries } from '../database.ts';
import { isStillReferenced } from '../failures.ts';
import { copyMembers } from './copy-members.ts';
import { type KeyedMember, toKeyed } from './member-rows.ts';
import { ensureRegistrant } from './registrants.ts';
import { generatedModels, modelMembers, models } from './tables.ts';
import { versionOrder } from './version-order.ts';
import { insertMembers, type Statement, storedDigests } from './write-members.ts';

/** Which source of which run something is staged for. */
export type StagePlace = { readonly operationId: string; readonly position: number };

export type NewStagedModel = StagePlace & {
  readonly actor: string;
  /** The source in a few words. */
  readonly source: string;
  readonly registrant: Registrant;
  readonly head: ModelHead;
};

export type StoredMember = ModelMember;

export type SealedModel = {
  readonly contentDigest: string;
  readonly componentCount: number;
  readonly relationshipCount: number;
};

/** A version of a model that is being stored, and that nobody sees before `publishStaged`. */
export type StagedModel = {
  readonly id: string;
  /** Stores members, in any number of calls, one after another. Throws SlipwayError `invalid` for one that the model has already. */
  readonly add: (members: readonly StoredMember[]) => Promise<void>;
  /** Says that nothing more comes. `rejectedCount`: how many members were left out, for the report. */
  readonly seal: (ended?: { readonly rejectedCount?: number }) => Promise<SealedModel>;
};

/**
 * Begins to store a version of a model. What the newest revision of it holds already is only counted, so that an unchanged
 * model costs no write, and a changed one what changed. Throws SlipwayError `unavailable` when another try of the same source
 * has begun, or the revision that it counts on was deleted: a later try may succeed.
 */
export async function stageModel(database: Database, input: NewStagedModel): Promise<StagedModel> {
  const stage = new Stage(database, input, await readBase(database, input.head.model));
  return {
    id: stage.id,
    add: (members) => stage.add(members),
    seal: (ended = {}) => stage.seal(ended.rejectedCount ?? 0),
  };
}

/** The newest revision of the model, with the digests of its members. */
type Base = {
  readonly id: string;
  readonly contentDigest: string | null;
  readonly digests: ReadonlyMap<string, string>;
};

/** What a model is until it is published. */
const stagedRow = {
  status: 'enabled',
  state: 'staged',
  current: false,
  latest: false,
  componentCount: 0,
  relationshipCount: 0,
};

type Seen = { readonly type: MemberType; readonly key: string; readonly digest: string };

/** Members of one write: keeps batches short, and the bodies that are held few. */
const batchSize = 500;

class Stage {
  readonly id = newId('mdl');
  readonly #database: Database;
  readonly #input: NewStagedModel;
  readonly #base: Base | undefined;
  readonly #seen = new Map<string, Seen>();
  #pending: readonly KeyedMember[] = [];
  #isBegun = false;

  constructor(database: Database, input: NewStagedModel, base: Base | undefined) {
    this.#database = database;
    this.#input = input;
    this.#base = base;
  }

  async add(members: readonly StoredMember[]): Promise<void> {
    const keyed = members.map(toKeyed);
    for (const member of keyed) this.#see(member);
    const news = keyed.filter(({ type, key, body }) => this.#base?.digests.get(memberName(type, key)) !== body.digest);
    this.#pending = [...this.#pending, ...news];
    while (this.#pending.length >= batchSize) {
      await this.#write(this.#pending.slice(0, batchSize), () => []);
      this.#pending = this.#pending.slice(batchSize);
    }
  }

  async seal(rejectedCount: number): Promise<SealedModel> {
    const contentDigest = this.#contentDigest();
    const sealed = {
      contentDigest,
      componentCount: this.#count('component'),
      relationshipCount: this.#count('relationship'),
    };
    const isUnchanged = this.#base?.contentDigest === contentDigest;
    const row = { ...sealed, ...this.#generatedRow(), rejectedCount, modelId: isUnchanged ? null : this.id };
    if (isUnchanged) {
      await this.#database.write((queries) => [recordSealed(queries, row, sql`true`)]);
      return sealed;
    }
    await this.#write(this.#pending, (queries) => [
      ...this.#copyFromBase(queries),
      ...sealRow(queries, { id: this.id, memberCount: this.#seen.size, ...sealed }, row),
    ]);
    await this.#requireSealed();
    return sealed;
  }

  #see({ type, key, body }: KeyedMember): void {
    const name = memberName(type, key);
    if (this.#seen.has(name)) {
      throw new SlipwayError('invalid', `${formatModelReference(this.#input.head.model)} has two ${type}s ${key}`, {
        fix: 'Leave one of them out, or give them names of their own.',
      });
    }
    this.#seen.set(name, { type, key, digest: body.digest });
  }

  #count(type: MemberType): number {
    return [...this.#seen.values()].filter((seen) => seen.type === type).length;
  }

  #contentDigest(): string {
    const members = [...this.#seen].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return digestOf({
      model: this.#input.head.model,
      members: members.map(([, { type, key, digest }]) => [type, key, digest]),
    });
  }

  /**
   * Bodies that are stored already are not sent. One of them may go in between, with the last model that held it; the reference
   * of the member then fails, nothing of the batch is written, and it is sent again with all bodies.
   */
  async #write(members: readonly KeyedMember[], after: (queries: Queries) => readonly Statement[]): Promise<void> {
    const known = await storedDigests(this.#database, members);
    const registrant = await ensureRegistrant(this.#database, this.#input.registrant);
    const send = (stored: ReadonlySet<string>) =>
      this.#database.write((queries) => [
        this.#begin(queries, registrant.id),
        ...insertMembers(queries, this.id, { members, known: stored }),
        ...after(queries),
      ]);
    try {
      await send(known).catch((error: unknown) => {
        if (isStillReferenced(error)) return send(new Set());
        throw error;
      });
    } catch (error) {
      throw isStillReferenced(error) ? overtaken(this.#input, error) : error;
    }
    this.#isBegun = true;
  }

  /** The first write makes the model's row. Later ones refer to it, and fail where another try has thrown it away. */
  #begin(queries: Queries, registrantId: string): Statement {
    if (this.#isBegun) return queries.select({ id: models.id }).from(models).where(eq(models.id, this.id));
    return queries.insert(models).values(this.#modelRow(registrantId));
  }

  #modelRow(registrantId: string): typeof models.$inferInsert {
    const { head, operationId, position, source, actor } = this.#input;
    return {
      ...stagedRow,
      ...head.model,
      id: this.id,
      definitionVersion: head.definitionVersion,
      versionOrder: versionOrder(head.model.version),
      registrantId,
      operationId,
      position,
      source,
      actor,
      createdAt: new Date().toISOString(),
    };
  }

  #generatedRow() {
    const { operationId, position, head } = this.#input;
    const { name, version } = head.model;
    return { operationId, position, name, version, definitionVersion: head.definitionVersion };
  }

  #copyFromBase(queries: Queries): readonly Statement[] {
    const base = this.#base;
    if (base === undefined) return [];
    const other = [...base.digests].filter(([name, digest]) => this.#seen.get(name)?.digest !== digest);
    return copyMembers(queries, { from: base.id, to: this.id, except: other.map(([name]) => name) });
  }

  async #requireSealed(): Promise<void> {
    const [row] = await this.#database.read((queries) =>
      queries.select({ contentDigest: models.contentDigest }).from(models).where(eq(models.id, this.id)),
    );
    if (typeof row?.contentDigest !== 'string') throw overtaken(this.#input);
  }
}

/**
 * Says that the model is whole, when all of its members are there: those that were to be copied are not when their model was
 * deleted meanwhile.
 */
function sealRow(
  queries: Queries,
  { id, memberCount, ...sealed }: SealedModel & { readonly id: string; readonly memberCount: number },
  row: typeof generatedModels.$inferInsert,
): readonly Statement[] {
  const isWhole = sql`${memberCount} = (select count(*) from model_members where model_id = ${id})`;
  return [
    queries
      .update(models)
      .set(sealed)
      .where(and(eq(models.id, id), eq(models.state, 'staged'), isWhole)),
    recordSealed(queries, row, sql`changes() = 1`),
  ];
}

/** What a try published stays said when another try finds the same content again. */
function recordSealed(queries: Queries, row: typeof generatedModels.$inferInsert, condition: SQL): Statement {
  const { operationId, position, name, version, change, contentDigest } = generatedModels;
  const undecided = { ...row, revision: null, change: null };
  return queries
    .insert(generatedModels)
    .select(sql`${sql.join([...asSelects(generatedModels, [undecided])])} and ${condition}`)
    .onConflictDoUpdate({
      target: [operationId, position, name, version],
      set: undecided,
      setWhere: sql`${change} is null or ${contentDigest} <> ${row.contentDigest}`,
    });
}

async function readBase(
  database: Database,
  { name, version }: { readonly name: string; readonly version: string },
): Promise<Base | undefined> {
  const rows = await database.read((queries) =>
    queries
      .select({ id: models.id, contentDigest: models.contentDigest })
      .from(models)
      .where(and(eq(models.name, name), eq(models.version, version), eq(models.current, true))),
  );
  const [base] = rows;
  if (base === undefined) return undefined;
  const members = await database.read((queries) =>
    queries
      .select({ type: modelMembers.type, key: modelMembers.key, digest: modelMembers.digest })
      .from(modelMembers)
      .where(eq(modelMembers.modelId, base.id)),
  );
  return { ...base, digests: new Map(members.map(({ type, key, digest }) => [memberName(type, key), digest])) };
}

/** Types hold no space, so no two members share a name. */
function memberName(type: string, key: string): string {
  return `${type} ${key}`;
}

function overtaken({ head }: NewStagedModel, cause?: unknown): SlipwayError {
  return new SlipwayError('unavailable', `${formatModelReference(head.model)} changed while it was stored`, {
    cause,
    fix: 'Try again.',
  });
}
