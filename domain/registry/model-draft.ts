import { z } from 'zod';
import { memberKey, type MemberType, type ModelMember, modelHeadSchema, modelMemberSchema } from './model-member.ts';

/** A model that a person makes step by step. Nobody else sees it before it is published. */
export const modelDraftSchema = z.object({
  id: z.string(),
  /** Counted up by every change. */
  revision: z.number().int(),
  head: modelHeadSchema,
  members: z.array(modelMemberSchema),
  /** The operation that publishes it or did so last. */
  operationId: z.string().nullable(),
  actor: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type ModelDraft = z.infer<typeof modelDraftSchema>;
type Members = readonly ModelMember[];

/** What a draft may hold in all, in bytes of JSON; larger models come from files. */
export const maximumDraftBytes = 16 * 1024 * 1024;

/** The members with these in place of those of the same type and key, in the order they were added. */
export function putMembers(members: Members, changed: Members): Members {
  const byName = new Map([...members, ...changed].map((member) => [nameOf(member), member]));
  return [...byName.values()];
}

/** The members without one; the same ones where it is not among them. */
export function withoutMember(members: Members, type: MemberType, key: string): Members {
  return members.filter((member) => member.type !== type || memberKey(member) !== key);
}

/** The member of that type and key, or undefined. */
export function findMember(members: Members, type: MemberType, key: string): ModelMember | undefined {
  return members.find((member) => member.type === type && memberKey(member) === key);
}

function nameOf(member: ModelMember): string {
  return `${member.type} ${memberKey(member)}`;
}
