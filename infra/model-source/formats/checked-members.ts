import { hasErrors } from '../../../domain/finding.ts';
import type { ModelMember } from '../../../domain/registry/model-member.ts';
import type { ModelReference } from '../../../domain/registry/model.ts';
import { createModelCheck } from '../../../domain/registry/validate-model.ts';
import { compileComponentSchema } from '../../registry/component-schema.ts';
import type { ExtractedMember } from '../extracted.ts';
import type { ExtractionContext } from '../extraction-context.ts';

/** The members, those that cannot be used rejected: by their names, and by schemas that do not compile. */
export async function* checkedMembers(
  model: ModelReference,
  members: AsyncIterable<ExtractedMember>,
  { note }: Pick<ExtractionContext, 'note'>,
): AsyncGenerator<ExtractedMember> {
  const check = createModelCheck(model);
  for await (const member of members) {
    if (member.type === 'rejected' || member.type === 'attachment') {
      yield member;
      continue;
    }
    const findings = [...check.member(memberOf(member)), ...schemaFindings(member)].map((finding) => ({
      ...finding,
      file: finding.file ?? member.place,
    }));
    if (hasErrors(findings)) yield { type: 'rejected', place: member.place, findings };
    else {
      note(...findings);
      yield member;
    }
  }
  note(...check.finish());
}

type PlainMember = Exclude<ExtractedMember, { type: 'rejected' | 'attachment' }>;

function memberOf({ place: _place, ...member }: PlainMember): ModelMember {
  return member;
}

function schemaFindings(member: PlainMember) {
  if (member.type !== 'component') return [];
  const { kind, apiVersion } = member.definition;
  return compileComponentSchema(member.definition).findings.map((finding) => ({
    ...finding,
    subject: `${kind}@${apiVersion}`,
  }));
}
