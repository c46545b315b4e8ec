import { describeObject } from '../../../domain/kubernetes-object.ts';
import type { NewEvent } from '../../../domain/event.ts';
import type { OperationStep, ProgressEntry, StepChoice } from '../../../domain/operation.ts';
import { appendEvents } from '../../../infra/database/events.ts';
import { readChoices } from '../../../infra/database/progress.ts';
import { digestOf } from '../../../infra/digest.ts';
import type { StuckExplanation } from './explain-stuck.ts';
import type { OperationContext } from './operation-context.ts';

/** A choice, and when it was made in milliseconds. */
export type MadeChoice = StepChoice & { readonly madeAt: number };

/** How a removal that waits for an object asks people what to do, and hears of it. */
export type StuckChoices = {
  /** Tells people what holds the object and what they can choose. Telling the same twice is the same as once. */
  readonly offer: (step: OperationStep, stuck: StuckExplanation) => Promise<void>;
  /** How to answer, for people. */
  readonly advice: (step: OperationStep) => string;
  /** What was chosen since the last call, from the beginning at the first: nothing is lost when a worker dies. */
  readonly take: () => Promise<readonly MadeChoice[]>;
};

/** Choices are entries of the operation's live stream, which the API writes and whoever follows it sees. */
export function openStuckChoices({ database, operation, deployment }: OperationContext): StuckChoices {
  const subject = {
    kind: 'deployment',
    id: deployment.id,
    name: `${deployment.designName} on ${deployment.connectionName}`,
  };
  const offered = new Set<string>();
  let after = 0;
  return {
    async offer(step, stuck) {
      const event = stuckEvent({ operation, subject }, step, stuck);
      if (!offered.has(event.id)) await appendEvents(database, [event]);
      offered.add(event.id);
    },
    advice: ({ reference }) =>
      `or choose: slipway operation resolve ${operation.id} --object "${describeObject(reference)}" --choice wait, skip or remove-finalizers`,
    async take() {
      const entries = await readChoices(database, { operationId: operation.id, after });
      after = entries.at(-1)?.sequence ?? after;
      return entries.flatMap(toChoice);
    },
  };
}

function toChoice({ time, change }: ProgressEntry): readonly MadeChoice[] {
  return change.type === 'choice' ? [{ ...change.choice, madeAt: Date.parse(time) }] : [];
}

type Occasion = Pick<OperationContext, 'operation'> & { readonly subject: NewEvent['subject'] };

/** One event a diagnosis: other finalizers are another one. */
function stuckEvent({ operation, subject }: Occasion, step: OperationStep, stuck: StuckExplanation): NewEvent {
  const { phase, position, key, reference } = step;
  const { message, fix, finalizers } = stuck;
  const diagnosis = digestOf(finalizers).slice(0, 8);
  return {
    id: `evt_${operation.id}_${phase}_${position}_stuck_${diagnosis}`,
    time: new Date().toISOString(),
    severity: 'warning',
    category: 'deployment',
    action: 'resolve',
    actor: operation.actor,
    subject,
    operationId: operation.id,
    description: `${describeObject(reference)} was deleted and ${message}`,
    details: { key, phase, fix, finalizers: [...finalizers] },
    actions: [
      { label: 'Show the operation', method: 'GET', href: `/v1/operations/${operation.id}` },
      ...choicesFor(key, finalizers).map(({ label, body }) => ({
        label,
        method: 'POST' as const,
        href: `/v1/operations/${operation.id}/resolve`,
        body,
      })),
    ],
  };
}

function choicesFor(object: string, finalizers: readonly string[]) {
  const wait = { label: 'Wait longer', body: { object, choice: 'wait' } };
  const skip = { label: 'Leave it behind', body: { object, choice: 'skip' } };
  if (finalizers.length === 0) return [wait, skip];
  const body = { object, choice: 'removeFinalizers', finalizers: [...finalizers] };
  return [wait, skip, { label: `Remove ${finalizers.join(', ')}`, body }];
}
