import { apiPath } from './client.ts';
import type { Answer } from './client.ts';
import type { RemoteInvocation } from './invocation.ts';
import { renderFields } from './output/table.ts';
import { draftSchema } from './registry-schemas.ts';
import type { Draft } from './registry-schemas.ts';
import { draftView } from './registry-views.ts';

type DraftCall = Pick<RemoteInvocation<unknown>, 'client' | 'args'>;

/** The path of the draft that is named first, or of something of it. */
export function draftPath({ args }: Pick<DraftCall, 'args'>, ...parts: readonly string[]): string {
  return apiPath('model-drafts', args[0] ?? '', ...parts);
}

/** The draft that is named first; its ETag is in the headers. */
export async function readDraft(call: DraftCall): Promise<Answer<Draft>> {
  return call.client.call('GET', { schema: draftSchema, path: draftPath(call) });
}

/** A draft with what it holds. */
export async function printDraft({ printer }: Pick<RemoteInvocation<unknown>, 'printer'>, draft: Draft): Promise<void> {
  if (printer.format !== 'name' && !printer.isForPeople) return printer.data(draft);
  const { name, version, displayName } = draft.model;
  const members = draft.members.map(({ type, key }) => [type, key] as const);
  const summary = { ...draft, name, version, displayName, memberCount: members.length };
  await printer.item(draftView, summary, members.length === 0 ? [] : ['', ...renderFields(members, printer.paint)]);
}
