import { buffer } from 'node:stream/consumers';
import { memberKey } from '../../../domain/registry/model-member.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import { readArchive } from '../../../infra/design-source/read-archive.ts';
import type { ExtractedMember } from '../../../infra/model-source/extracted.ts';
import { memoryTree, type SourceTree } from '../../../infra/model-source/source-tree.ts';
import type { WritableMember, WritableModel } from '../../../infra/registry/package-files.ts';
import { writePackage } from '../../../infra/registry/write-package.ts';
import type { WholeModel } from '../model-source/formats/extraction.ts';

/** A model that was taken out of a source, as the registry gives it: members sorted by type and key, bad ones left out. */
export function writable({ head, members }: WholeModel): WritableModel {
  const sorted = members.filter(isGood).toSorted((one, other) => (keyOf(one) < keyOf(other) ? -1 : 1));
  return { head, members: stream(sorted) };
}

export async function packed(models: readonly WholeModel[]): Promise<Buffer> {
  return buffer(writePackage(models.map(writable)));
}

export async function unpacked(archive: Uint8Array): Promise<SourceTree> {
  return memoryTree(await readArchive(archive, 'package.tar.gz', registryLimits));
}

type GoodMember = Exclude<ExtractedMember, { type: 'rejected' }>;

function isGood(member: ExtractedMember): member is GoodMember {
  return member.type !== 'rejected';
}

function keyOf(member: GoodMember): string {
  return `${member.type} ${memberKey(member)}`;
}

async function* stream(members: readonly GoodMember[]): AsyncGenerator<WritableMember> {
  for (const member of members)
    yield member.type === 'attachment'
      ? { type: member.type, definition: member.definition, read: member.read }
      : withoutPlace(member);
}

function withoutPlace({ place: _place, ...member }: Exclude<GoodMember, { type: 'attachment' }>): WritableMember {
  return member;
}
