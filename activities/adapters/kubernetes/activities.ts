import type { OperationInput } from '../../../domain/operation.ts';
import { withFailures } from '../../failures.ts';
import { heartbeating } from '../../heartbeat.ts';
import { hasApplied } from '../../has-applied.ts';
import type { AdapterActivities, CompensationSummary } from '../adapter.ts';
import { testConnection } from './connection-test.ts';
import { type KubernetesDependencies, openOperation, type OperationContext } from './operation-context.ts';
import { checkOrphans } from './orphans.ts';
import { adoptPlan, planOperation } from './plan-activities.ts';
import { acceptPrerequisites } from './prerequisites.ts';
import { removeAll, rollBack } from './rollback.ts';
import { applyPlan, observePlan, removePlanned } from './run-activities.ts';
import { tellingOutages } from './telling-outages.ts';

/** The activities of the adapter for Kubernetes clusters. */
export function createKubernetesActivities(dependencies: KubernetesDependencies): AdapterActivities {
  const onDeployment = <Output>(work: (context: OperationContext) => Promise<Output>) =>
    withFailures((input: OperationInput) =>
      heartbeating(async (signal) => {
        const context = await openOperation(dependencies, input, signal);
        return tellingOutages(context, () => work(context));
      }),
    );
  /** Of an operation that was refused, or cancelled, before it applied anything there is nothing to undo. */
  const onApplied = (undo: (input: OperationInput) => Promise<CompensationSummary>) =>
    withFailures(async (input: OperationInput) =>
      (await hasApplied(dependencies.database, input)) ? undo(input) : { left: [] },
    );

  return {
    describe: async () => ({ name: 'kubernetes', version: '1', connectionKinds: ['kubernetes'] }),
    prerequisites: onDeployment(acceptPrerequisites),
    plan: onDeployment(planOperation),
    adoptPlan: onDeployment(adoptPlan),
    apply: onDeployment(applyPlan),
    remove: onDeployment(removePlanned),
    observe: onDeployment(observePlan),
    rollback: onApplied(onDeployment(rollBack)),
    removeAll: onApplied(onDeployment(removeAll)),
    checkOrphans: onDeployment(checkOrphans),
    testConnection: withFailures((input: OperationInput) =>
      heartbeating((signal) => testConnection(dependencies, input, signal)),
    ),
  };
}
