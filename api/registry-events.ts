import { newId } from '../infra/ids.ts';
import type { NewEvent } from '../domain/event.ts';
import type { DefinitionStatus } from '../domain/registry/model.ts';
import type { Database } from '../infra/database/database.ts';
import { appendEvents } from '../infra/database/events.ts';

/** What a change was made to: the noun, its id, and what people call it. */
export type ChangedDefinition = {
  readonly kind: 'model' | 'component' | 'relationship';
  readonly id: string;
  readonly name: string;
};

type Change = { readonly actor: string; readonly subject: ChangedDefinition; readonly reason?: string | undefined };

const verbs: Readonly<Record<DefinitionStatus, string>> = {
  enabled: 'enable',
  disabled: 'disable',
  ignored: 'ignore',
  deprecated: 'deprecate',
};

/** Tells that a status changed, with the way back. Nothing where it is the same. */
export async function tellStatusChange(
  database: Database,
  change: Change & { readonly before: DefinitionStatus; readonly after: DefinitionStatus },
): Promise<void> {
  const { before, after, subject } = change;
  if (before === after) return;
  await tell(database, change, {
    severity: after === 'enabled' ? 'informational' : 'warning',
    action: verbs[after],
    description: `${subject.kind} ${subject.name} was ${before} and is ${after} now`,
    details: { before, after },
    actions: [
      {
        label: `Let it be ${before} again`,
        method: 'PATCH',
        href: `/v1/${subject.kind}s/${subject.id}`,
        body: { status: before, reason: 'taken back' },
      },
    ],
  });
}

/** Tells that a model was deleted, and where it had come from. */
export async function tellDeletion(
  database: Database,
  change: Change & { readonly source: string; readonly forced: boolean },
): Promise<void> {
  const { subject, source, forced } = change;
  await tell(database, change, {
    severity: forced ? 'warning' : 'informational',
    action: 'delete',
    description: `${subject.kind} ${subject.name} was deleted${forced ? ' although it was used' : ''}; it had come from ${source}`,
    details: { source, forced },
    actions: [],
  });
}

async function tell(
  database: Database,
  { actor, subject, reason }: Change,
  said: Pick<NewEvent, 'severity' | 'action' | 'description' | 'actions'> & {
    readonly details: Record<string, string | boolean>;
  },
): Promise<void> {
  const { kind, id, name } = subject;
  const event: NewEvent = {
    ...said,
    id: newId('evt'),
    time: new Date().toISOString(),
    category: 'registry',
    actor,
    subject: { kind, id, name },
    operationId: null,
    description: reason === undefined ? said.description : `${said.description}: ${reason}`,
    details: { ...said.details, ...(reason === undefined ? {} : { reason }) },
  };
  await appendEvents(database, [event]);
}
