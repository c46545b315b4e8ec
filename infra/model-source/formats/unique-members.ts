import { memberKey } from '../../../domain/registry/model-member.ts';
import type { ExtractedMember } from '../extracted.ts';
import type { ExtractionContext } from '../extraction-context.ts';

/** The members without those whose name came before in the same model, which happens where a repository keeps copies. */
export async function* uniqueMembers(
  members: AsyncIterable<ExtractedMember>,
  context: ExtractionContext,
): AsyncGenerator<ExtractedMember> {
  const places = new Map<string, string>();
  for await (const member of members) {
    context.options.signal?.throwIfAborted();
    if (member.type === 'rejected') {
      yield member;
      continue;
    }
    const key = `${member.type} ${memberKey(member)}`;
    const earlier = places.get(key);
    if (earlier === undefined) {
      places.set(key, member.place);
      yield member;
    } else {
      context.note({
        severity: 'note',
        code: 'member.repeated',
        message: `The ${key} stands twice; the one in ${earlier} is taken.`,
        file: member.place,
      });
    }
  }
}
