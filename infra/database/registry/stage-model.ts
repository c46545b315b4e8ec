import { and, eq, sql } from 'drizzle-orm';
import { SlipwayError } from '../../../domain/errors.ts';
import type { MemberType, ModelHead, ModelMember } from '../../../domain/registry/model-member.ts';
import { formatModelReference, type Registrant } from '../../../domain/registry/model.ts';
import { digestOf } from '../../digest.ts';
import { newId } from '../../ids.ts';
import type { Database } from '../database.ts';
import { copyMembers } from './copy-members.ts';
import { type KeyedMember, toKeyed } from './member-rows.ts';
import { ensureRegistrant } from './registrants.ts';
import { generatedModels, modelMembers, models } from './tables.ts';
import { versionOrder } from './version-order.ts';
import { writeMembers } from './write-members.ts';

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

class Stage {
  readonly id = newId('mdl');
  readonly #database: Database;
  readonly #input: NewStagedModel;
  readonly #base: Base | undefined;
  readonly #seen = new Map<string, Seen>();
  #isWritten = false;

  constructor(database: Database, input: NewStagedModel, base: Base | undefined) {
    this.#database = database;
    this.#input = input;
    this.#base = base;
  }

  async add(members: readonly StoredMember[]): Promise<void> {
    const keyed = members.map(toKeyed);
    for (const member of keyed) this.#see(member);
    const news = keyed.filter((member) => !this.#isInBase(member.type, member.key, member.body.digest));
    if (news.length === 0) return;
    await this.#ensureRow();
    await writeMembers(this.#database, { modelId: this.id, keyed: news });
  }

  async seal(rejectedCount: number): Promise<SealedModel> {
    const sealed = {
      contentDigest: this.#contentDigest(),
      componentCount: this.#count('component'),
      relationshipCount: this.#count('relationship'),
    };
    const isUnchanged = this.#base?.contentDigest === sealed.contentDigest;
    if (!isUnchanged) {
      await this.#ensureRow();
      await this.#copyFromBase();
    }
    await this.#writeSealed({ ...sealed, rejectedCount, modelId: isUnchanged ? null : this.id });
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

  #isInBase(type: MemberType, key: string, digest: string): boolean {
    return this.#base?.digests.get(memberName(type, key)) === digest;
  }

  #count(type: MemberType): number {
    return [...this.#seen.values()].filter((seen) => seen.type === type).length;
  }

  #contentDigest(): string {
    const members = [...this.#seen.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1));
    return digestOf({
      model: this.#input.head.model,
      members: members.map(([, { type, key, digest }]) => [type, key, digest]),
    });
  }

  async #ensureRow(): Promise<void> {
    if (this.#isWritten) return;
    const { registrant, head, operationId, position, source, actor } = this.#input;
    const { id: registrantId } = await ensureRegistrant(this.#database, registrant);
    const row = {
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
    await this.#database.write((queries) => [queries.insert(models).values(row)]);
    this.#isWritten = true;
  }

  async #copyFromBase(): Promise<void> {
    const base = this.#base;
    if (base === undefined) return;
    const other = [...base.digests].filter(([name, digest]) => this.#seen.get(name)?.digest !== digest);
    const expectedCount = base.digests.size - other.length;
    if (expectedCount === 0) return;
    const except = other.map(([name]) => name);
    const copied = await copyMembers(this.#database, { from: base.id, to: this.id, except });
    if (copied !== expectedCount) throw overtaken(this.#input);
  }

  async #writeSealed({
    modelId,
    ...sealed
  }: SealedModel & { readonly rejectedCount: number; readonly modelId: string | null }): Promise<void> {
    const { operationId, position, head } = this.#input;
    const { contentDigest, componentCount, relationshipCount } = sealed;
    const { name, version } = head.model;
    const { definitionVersion } = head;
    const undecided = { revision: null, change: null };
    const row = { operationId, position, name, version, modelId, definitionVersion, ...sealed, ...undecided };
    const [updated] = await this.#database.write((queries) => [
      queries
        .update(models)
        .set({ contentDigest, componentCount, relationshipCount })
        .where(and(eq(models.id, this.id), eq(models.state, 'staged')))
        .returning({ id: models.id }),
      queries
        .insert(generatedModels)
        .values(row)
        .onConflictDoUpdate({
          target: [
            generatedModels.operationId,
            generatedModels.position,
            generatedModels.name,
            generatedModels.version,
          ],
          set: row,
          // A try that comes after the one that published keeps what was said then.
          setWhere: sql`${generatedModels.change} is null or ${generatedModels.contentDigest} <> ${contentDigest}`,
        }),
    ]);
    if (modelId !== null && updated.length === 0) throw overtaken(this.#input);
  }
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

function overtaken({ head }: NewStagedModel): SlipwayError {
  return new SlipwayError('unavailable', `${formatModelReference(head.model)} changed while it was stored`, {
    fix: 'Try again.',
  });
}
