import type { CompensationSummary } from '../activities/adapters/adapter.ts';
import { books, kubernetes } from './activities.ts';
import type { OperationInput } from '../domain/operation.ts';
import { settlePrerequisites } from './settle-prerequisites.ts';
import { type OperationRun, runOperation } from './run-operation.ts';

/** Deploys a revision of a design, or exactly a saved plan: parse, validate and plan, apply, prune, sync. */
export async function deploy(input: OperationInput): Promise<void> {
  await runOperation(input, { work: deployRevision, compensate: compensateDeploy });
}

async function deployRevision({ input, operation, control }: OperationRun): Promise<void> {
  await control.interruptible('parse', () => books().parseDesign(input));
  if (operation.withPrerequisites) await control.interruptible('prerequisites', () => settlePrerequisites(input));
  const { pruneCount } = await control.interruptible('plan', () =>
    operation.hasPlan ? kubernetes.adoptPlan(input) : kubernetes.plan(input),
  );
  await control.interruptible('apply', () => kubernetes.apply(input));
  if (pruneCount > 0) await control.interruptible('prune', () => kubernetes.remove(input));
  await control.interruptible('sync', () => kubernetes.observe(input));
}

async function compensateDeploy({ input, operation }: OperationRun): Promise<readonly string[]> {
  const { left } = await compensationOf(operation.onFailure)(input);
  return left;
}

function compensationOf(
  onFailure: 'rollback' | 'keep' | 'remove',
): (input: OperationInput) => Promise<CompensationSummary> {
  switch (onFailure) {
    case 'rollback':
      return kubernetes.rollback;
    case 'remove':
      return kubernetes.removeAll;
    case 'keep':
      return async () => ({ left: [] });
  }
}
