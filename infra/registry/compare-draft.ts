import { canonicalJson } from '../../domain/json.ts';
import type { ModelDraft } from '../../domain/registry/model-draft.ts';
import { memberKey, type MemberType } from '../../domain/registry/model-member.ts';
import { formatModelReference, modelSchema } from '../../domain/registry/model.ts';
import type { Database } from '../database/database.ts';
import { membersOf } from '../database/registry/members.ts';
import { findModel, type ModelDetail } from '../database/registry/models.ts';
import { digestOf } from '../digest.ts';

type NamedMember = { readonly type: MemberType; readonly key: string; readonly digest: string };

export type DraftMemberChange = Pick<NamedMember, 'type' | 'key'> & {
  readonly action: 'added' | 'changed' | 'removed';
};

/** What publishing a draft would make of the registry. */
export type DraftDifference = {
  /** `added`: the first of that version; `changed`: its next revision; `unchanged`: nothing. */
  readonly change: 'added' | 'changed' | 'unchanged';
  /** The revision that is there now, or null. */
  readonly current: Pick<ModelDetail, 'id' | 'revision' | 'definitionVersion'> | null;
  readonly members: readonly DraftMemberChange[];
};

/** Compares a draft with what the registry has under its name and version. */
export async function compareDraft(
  database: Database,
  { head, members }: Pick<ModelDraft, 'head' | 'members'>,
): Promise<DraftDifference> {
  const current = await findModel(database, formatModelReference(head.model));
  const drafted = byName(
    members.map((member) => ({ type: member.type, key: memberKey(member), digest: digestOf(member.definition) })),
  );
  const stored = byName(current === undefined ? [] : await readNamed(database, current.id));
  const changes = [
    ...[...drafted].flatMap(([name, member]) => changeOf(member, stored.get(name))),
    ...[...stored].flatMap(([name, { type, key }]) =>
      drafted.has(name) ? [] : [{ type, key, action: 'removed' as const }],
    ),
  ];
  if (current === undefined) return { change: 'added', current: null, members: changes };
  const isSame =
    changes.length === 0 && canonicalJson(modelSchema.parse(head.model)) === canonicalJson(modelOf(current));
  const { id, revision, definitionVersion } = current;
  return {
    change: isSame ? 'unchanged' : 'changed',
    current: { id, revision, definitionVersion },
    members: changes,
  };
}

function changeOf({ type, key, digest }: NamedMember, stored: NamedMember | undefined): readonly DraftMemberChange[] {
  if (stored?.digest === digest) return [];
  return [{ type, key, action: stored === undefined ? 'added' : 'changed' }];
}

function byName(members: readonly NamedMember[]): ReadonlyMap<string, NamedMember> {
  return new Map(members.map((member) => [`${member.type} ${member.key}`, member]));
}

async function readNamed(database: Database, modelId: string): Promise<readonly NamedMember[]> {
  const named: NamedMember[] = [];
  for await (const { type, key, digest } of membersOf(database, { modelId })) named.push({ type, key, digest });
  return named;
}

/** What a stored model says of itself, without what the registry says of it. */
function modelOf({ name, version, displayName, description, category, subCategory, metadata }: ModelDetail) {
  return { name, version, displayName, description, category, subCategory, metadata };
}
