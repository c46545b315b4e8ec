import type { OperationInput } from '../../domain/operation.ts';
import type { WorkflowType } from '../../domain/operation-workflow.ts';

/** What an adapter can do, for people who choose one and for the planner. */
export type AdapterDescription = {
  readonly name: string;
  readonly version: string;
  /** Kinds of connection that it works on. */
  readonly connectionKinds: readonly string[];
};

export type PlanSummary = {
  readonly planId: string;
  readonly errorCount: number;
  readonly objectCount: number;
  readonly pruneCount: number;
};

export type RunSummary = { readonly doneCount: number; readonly failedCount: number; readonly blockedCount: number };

/** What compensation left behind, by `describeObject`. Empty when it is complete. */
export type CompensationSummary = { readonly left: readonly string[] };

export type OrphanSummary = { readonly orphans: readonly string[] };

/** Operations on other deployments that an operation has accepted and that must end before it goes on. */
export type PrerequisiteSummary = {
  readonly operations: readonly {
    readonly operationId: string;
    readonly workflowId: string;
    readonly workflowType: WorkflowType;
  }[];
};

/**
 * The contract of an adapter: Temporal activities on the task queue `adapter-<name>`. Each takes the id of an operation and
 * reads what it needs from the database; each is idempotent, heartbeats, and goes on where a lost worker stopped.
 */
export type AdapterActivities = {
  readonly describe: () => Promise<AdapterDescription>;
  /**
   * Accepts the deploys of what the target lacks and the registry has, or the undeploys of what was deployed so for this
   * operation's deployment and nothing else needs.
   */
  readonly prerequisites: (input: OperationInput) => Promise<PrerequisiteSummary>;
  /** Checks the operation against the live infrastructure and saves the plan of a deploy or an undeploy. */
  readonly plan: (input: OperationInput) => Promise<PlanSummary>;
  /** Checks that a saved plan still holds, and makes it the operation's plan. */
  readonly adoptPlan: (input: OperationInput) => Promise<PlanSummary>;
  /** Brings every object of the plan to the state that its dependents and the deployment need, event by event. */
  readonly apply: (input: OperationInput) => Promise<RunSummary>;
  /** Removes what the plan no longer wants, in undeploy order, each gone before what it needed. */
  readonly remove: (input: OperationInput) => Promise<RunSummary>;
  /** Compares inventory and live state, and records the instances. */
  readonly observe: (input: OperationInput) => Promise<RunSummary>;
  /** Undoes what the operation changed: before-images come back, what was created goes. */
  readonly rollback: (input: OperationInput) => Promise<CompensationSummary>;
  /** Removes everything that the deployment owns, as an undeploy does. */
  readonly removeAll: (input: OperationInput) => Promise<CompensationSummary>;
  /** Looks for what a deployment left in the cluster, and removes it where the operation asks for that. */
  readonly checkOrphans: (input: OperationInput) => Promise<OrphanSummary>;
  /** Reaches the infrastructure and records its version and whether the credential is accepted. */
  readonly testConnection: (input: OperationInput) => Promise<void>;
};
