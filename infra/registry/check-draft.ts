import type { Finding } from '../../domain/finding.ts';
import { componentKey } from '../../domain/registry/component-definition.ts';
import { findMember, type ModelDraft } from '../../domain/registry/model-draft.ts';
import { memberKey, type ModelMember } from '../../domain/registry/model-member.ts';
import type { DesignReader } from '../design-source/design-reader.ts';
import { compileComponentSchema } from './component-schema.ts';

type Members = readonly ModelMember[];

/** All that is wrong with what a draft holds; `subject` names the member: `component Lock@shop.example/v1`. */
export async function checkDraft(
  { members }: Pick<ModelDraft, 'members'>,
  reader: DesignReader,
): Promise<readonly Finding[]> {
  if (members.length === 0) return [emptyModel];
  const checked = await Promise.all(members.map((member) => checkMember(member, members, reader)));
  return checked.flatMap((findings, index) =>
    findings.map((finding) => ({ ...finding, subject: nameOf(members[index]) })),
  );
}

const emptyModel: Finding = {
  severity: 'error',
  code: 'model.empty',
  message: 'The model holds nothing.',
  fix: 'Add a component or a relationship.',
};

async function checkMember(member: ModelMember, all: Members, reader: DesignReader): Promise<readonly Finding[]> {
  switch (member.type) {
    case 'component':
      return compileComponentSchema(member.definition).findings;
    case 'profile':
      return checkProfile(member.definition.component, all);
    case 'sample':
      return (await reader.readDesign({ text: member.definition.source })).findings.map(asWarning);
    default:
      return [];
  }
}

/** A sample is only shown: one that cannot be deployed does not hold up the model. */
function asWarning(finding: Finding): Finding {
  return finding.severity === 'error' ? { ...finding, severity: 'warning' } : finding;
}

function checkProfile(component: string | undefined, all: Members): readonly Finding[] {
  if (component === undefined || findMember(all, 'component', component) !== undefined) return [];
  const known = all.flatMap((member) => (member.type === 'component' ? [componentKey(member.definition)] : []));
  return [
    {
      severity: 'error',
      code: 'profile.unknownComponent',
      path: 'component',
      message: `The model has no component ${component}.`,
      fix:
        known.length === 0 ? 'Add the component, or leave it out.' : `Name one of: ${known.slice(0, 10).join(', ')}.`,
    },
  ];
}

function nameOf(member: ModelMember | undefined): string {
  return member === undefined ? '' : `${member.type} ${memberKey(member)}`;
}
