import { z } from 'zod';
import { findingSchema } from './finding.ts';
import { objectReferenceSchema } from './kubernetes-object.ts';

export const operationKinds = [
  'deploy',
  'undeploy',
  'rollback',
  'plan',
  'orphanCheck',
  'connectionTest',
  'modelGeneration',
  'modelPush',
] as const;

/** `compensating` is the way from a failure or a cancel to the end that `onFailure` asks for. */
export const operationStates = [
  'queued',
  'running',
  'paused',
  'compensating',
  'succeeded',
  'failed',
  'cancelled',
] as const;
export const finalOperationStates = ['succeeded', 'failed', 'cancelled'] as const;

export const operationPhases = [
  'parse',
  'validate',
  'plan',
  'apply',
  'prune',
  'sync',
  'rollback',
  'remove',
  'orphanCheck',
  'prerequisites',
  'generate',
  'push',
] as const;

export const onFailureChoices = ['rollback', 'keep', 'remove'] as const;
export const crdRemovals = ['never', 'if-unused', 'always'] as const;

export const deployOptionsSchema = z.strictObject({
  /** For namespaced objects for which neither they nor the design name a namespace. */
  namespace: z.string().optional(),
  createNamespace: z.boolean().default(false),
  /** Where the target lacks a kind that a model of the registry brings: deploy that model first. */
  installMissing: z.boolean().default(false),
  onFailure: z.enum(onFailureChoices).default('rollback'),
  prune: z.boolean().default(true),
  /** Take fields over from other field managers. */
  forceConflicts: z.boolean().default(false),
  /** Delete and create again what cannot be changed in place. */
  replace: z.boolean().default(false),
  readiness: z.enum(['strict', 'kstatus']).default('strict'),
  /** How long one object may take to become ready. */
  timeoutSeconds: z.number().int().min(1).max(86_400).default(600),
});

export const undeployOptionsSchema = z.strictObject({
  removeCrds: z.enum(crdRemovals).default('if-unused'),
  purgeVolumes: z.boolean().default(false),
  /** Undeploy also what was deployed for this one because the target lacked it, where nothing else needs it. */
  removePrerequisites: z.boolean().default(false),
  timeoutSeconds: z.number().int().min(1).max(86_400).default(600),
  /** Digest of the list of other owners' custom resources that go with the CRDs, as the plan showed it. */
  confirmLoss: z.string().optional(),
});

export const planOptionsSchema = z.discriminatedUnion('kind', [
  deployOptionsSchema.extend({ kind: z.literal('deploy') }),
  undeployOptionsSchema.extend({ kind: z.literal('undeploy') }),
]);

export const orphanCheckOptionsSchema = z.strictObject({
  /** Remove what is found. */
  clean: z.boolean().default(false),
});

export const connectionTestOptionsSchema = z.strictObject({});

/** What happens to one object in one phase of an operation. */
export const stepActions = ['create', 'update', 'unchanged', 'recreate', 'delete', 'restore', 'keep'] as const;

export const stepStates = [
  'waiting',
  'running',
  'applied',
  'ready',
  'unchanged',
  'deleting',
  'gone',
  'kept',
  /** Asked to go, and left at that because somebody chose to. */
  'left',
  'failed',
  'blocked',
] as const;

export const operationStepSchema = z.object({
  phase: z.enum(operationPhases),
  position: z.number().int(),
  key: z.string(),
  reference: objectReferenceSchema,
  component: z.string(),
  stage: z.number().int(),
  action: z.enum(stepActions).nullable(),
  state: z.enum(stepStates),
  /** Why it waits, what the server said, or why it is blocked with the chain to the root cause. */
  message: z.string().nullable(),
  fix: z.string().nullable(),
  updatedAt: z.iso.datetime(),
});

/** What people can choose for an object that was deleted and stays. */
export const stuckChoices = ['wait', 'skip', 'removeFinalizers'] as const;

/** What somebody chose for one object of a running removal. */
export const stepChoiceSchema = z.object({
  phase: z.enum(operationPhases),
  key: z.string(),
  /** How people name the object. */
  object: z.string(),
  choice: z.enum(stuckChoices),
  actor: z.string(),
  reason: z.string().optional(),
  /** For `wait`: how much longer, from when it was chosen. */
  seconds: z.number().int().optional(),
  /** For `removeFinalizers`: which. */
  finalizers: z.array(z.string()).optional(),
});

export const operationErrorSchema = z.object({
  code: z.string(),
  message: z.string(),
  fix: z.string().optional(),
  findings: z.array(findingSchema).default([]),
});

export const operationProgressSchema = z.object({
  phase: z.enum(operationPhases).nullable(),
  total: z.number().int(),
  done: z.number().int(),
  failed: z.number().int(),
  blocked: z.number().int(),
});

/** What keeps an operation from going on while it is tried again, such as a cluster that does not answer. */
export const operationTroubleSchema = z.object({ message: z.string(), since: z.iso.datetime() });

export const operationSchema = z.object({
  id: z.string(),
  kind: z.enum(operationKinds),
  state: z.enum(operationStates),
  actor: z.string(),
  deploymentId: z.string().nullable(),
  designId: z.string().nullable(),
  revision: z.number().int().nullable(),
  connectionId: z.string().nullable(),
  planId: z.string().nullable(),
  progress: operationProgressSchema,
  findings: z.array(findingSchema),
  /** Null while it goes on, and once it has ended. */
  trouble: operationTroubleSchema.nullable(),
  error: operationErrorSchema.nullable(),
  /** What came out of it, by kind: orphans of an undeploy, the version of a tested cluster. */
  result: z.record(z.string(), z.json()).nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  finishedAt: z.iso.datetime().nullable(),
});

/** One entry of an operation's live stream; `sequence` orders all entries of an installation. */
export const progressEntrySchema = z.object({
  sequence: z.number().int(),
  operationId: z.string(),
  time: z.iso.datetime(),
  change: z.discriminatedUnion('type', [
    z.object({ type: z.literal('operation'), state: z.enum(operationStates), message: z.string().optional() }),
    z.object({ type: z.literal('phase'), phase: z.enum(operationPhases), message: z.string().optional() }),
    z.object({ type: z.literal('step'), step: operationStepSchema }),
    z.object({ type: z.literal('finding'), finding: findingSchema }),
    z.object({ type: z.literal('choice'), choice: stepChoiceSchema }),
    /** A message tells what the operation meets while it tries again, null that it is over. */
    z.object({ type: z.literal('trouble'), message: z.string().nullable() }),
  ]),
});

export type OperationKind = (typeof operationKinds)[number];
export type OperationState = (typeof operationStates)[number];
export type OperationPhase = (typeof operationPhases)[number];
export type OnFailure = (typeof onFailureChoices)[number];
export type CrdRemoval = (typeof crdRemovals)[number];
export type DeployOptions = z.infer<typeof deployOptionsSchema>;
export type UndeployOptions = z.infer<typeof undeployOptionsSchema>;
/** What an undeploy does with the objects of its own deployment. */
export type RemovalPolicy = Omit<UndeployOptions, 'removePrerequisites'>;
export type PlanOptions = z.infer<typeof planOptionsSchema>;
export type OrphanCheckOptions = z.infer<typeof orphanCheckOptionsSchema>;
/** Every workflow and activity of an operation takes only its id: options and bodies are read from the database. */
export type OperationInput = { readonly operationId: string };
export type StepAction = (typeof stepActions)[number];
export type StepState = (typeof stepStates)[number];
export type OperationStep = z.infer<typeof operationStepSchema>;
export type StuckChoice = (typeof stuckChoices)[number];
export type StepChoice = z.infer<typeof stepChoiceSchema>;
export type OperationError = z.infer<typeof operationErrorSchema>;
export type OperationTrouble = z.infer<typeof operationTroubleSchema>;
export type OperationProgress = z.infer<typeof operationProgressSchema>;
export type Operation = z.infer<typeof operationSchema>;
export type ProgressEntry = z.infer<typeof progressEntrySchema>;
export type ProgressChange = ProgressEntry['change'];

export function isFinal(state: OperationState): boolean {
  return finalOperationStates.some((final) => final === state);
}
