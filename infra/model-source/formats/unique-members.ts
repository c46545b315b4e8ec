import type { Finding } from '../../../domain/finding.ts';
import { memberKey } from '../../../domain/registry/model-member.ts';
import { digestOf } from '../../digest.ts';
import type { ExtractedMember } from '../extracted.ts';
import type { ExtractionContext } from '../extraction-context.ts';

type Earlier = { readonly place: string; readonly digest: string };

/**
 * The members without those whose name came before in the same model, which happens where a repository keeps copies; a warning tells of
 * one that says something else.
 */
export async function* uniqueMembers(
  members: AsyncIterable<ExtractedMember>,
  context: ExtractionContext,
): AsyncGenerator<ExtractedMember> {
  const taken = new Map<string, Earlier>();
  for await (const member of members) {
    context.options.signal?.throwIfAborted();
    if (member.type === 'rejected') {
      yield member;
      continue;
    }
    const key = `${member.type} ${memberKey(member)}`;
    const digest = digestOf(member.definition);
    const earlier = taken.get(key);
    if (earlier === undefined) {
      taken.set(key, { place: member.place, digest });
      yield member;
    } else {
      const isSame = earlier.digest === digest || isBuilt(earlier, context);
      context.note((isSame ? repeated : contradicted)(key, { earlier: earlier.place, place: member.place }));
    }
  }
}

/** What kustomize builds of a definition may differ from its file. */
function isBuilt({ place }: Earlier, { built }: ExtractionContext): boolean {
  return built !== undefined && place.startsWith(built);
}

type Places = { readonly earlier: string; readonly place: string };

function repeated(key: string, { earlier, place }: Places): Finding {
  return {
    severity: 'note',
    code: 'member.repeated',
    message: `The ${key} stands twice; the one in ${earlier} is taken.`,
    file: place,
  };
}

function contradicted(key: string, { earlier, place }: Places): Finding {
  return {
    severity: 'warning',
    code: 'member.contradicted',
    message: `The ${key} stands twice and says different things; the one in ${earlier} is taken.`,
    fix: 'Remove one of the two, or name the folder of the one that is meant as the path of the source.',
    file: place,
  };
}
