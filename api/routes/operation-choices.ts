import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import { describeObject } from '../../domain/kubernetes-object.ts';
import { isFinal, type OperationStep, type StepChoice } from '../../domain/operation.ts';
import type { Database } from '../../infra/database/database.ts';
import { listEvents } from '../../infra/database/events.ts';
import { maximumPageSize } from '../../infra/database/cursor.ts';
import { listSteps } from '../../infra/database/operation-steps.ts';
import type { StoredOperation } from '../../infra/database/operations.ts';
import { appendProgress } from '../../infra/database/progress.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { requireOperation, toOperationBody } from '../operations.ts';
import { idSchema, jsonAnswer, jsonBody, operationBody } from '../schemas.ts';

const shared = {
  object: z
    .string()
    .min(1)
    .max(1_000)
    .openapi({ description: 'The key of its step, or its kind and name: `ConfigMap shop/settings`' }),
  reason: z.string().min(1).max(1_000).optional(),
};

const defaultSeconds = 600;

const choiceBody = z
  .discriminatedUnion('choice', [
    z.strictObject({
      ...shared,
      choice: z.literal('wait'),
      seconds: z.number().int().min(1).max(86_400).default(defaultSeconds),
    }),
    z.strictObject({ ...shared, choice: z.literal('skip') }),
    z.strictObject({
      ...shared,
      choice: z.literal('removeFinalizers'),
      finalizers: z
        .array(z.string().min(1))
        .min(1)
        .optional()
        .openapi({ description: 'Default: all that the diagnosis named; never others' }),
    }),
  ])
  .openapi('StepChoice');

const resolve = createRoute({
  method: 'post',
  path: '/v1/operations/{operation}/resolve',
  operationId: 'resolveStep',
  summary: 'Says what to do with an object that was deleted and stays: wait longer, leave it, or remove its finalizers',
  tags: ['operations'],
  request: {
    params: z.object({ operation: idSchema }),
    body: jsonBody(choiceBody),
  },
  responses: { 202: jsonAnswer('It was recorded', operationBody) },
});

type ChoiceBody = z.infer<typeof choiceBody>;

/** What people choose for objects that a running removal waits for. */
export function operationChoiceRoutes({ database }: RouteDeps) {
  return createRouter().openapi(resolve, async (c) => {
    const operation = await requireOperation(database, c.req.valid('param').operation);
    const body = c.req.valid('json');
    const step = await findDeleting(database, operation, body.object);
    const choice: StepChoice = {
      phase: step.phase,
      key: step.key,
      object: describeObject(step.reference),
      choice: body.choice,
      actor: c.var.actor,
      ...(body.reason === undefined ? {} : { reason: body.reason }),
      ...(await detailsOf(database, { operation, step, body })),
    };
    await appendProgress(database, [{ operationId: operation.id, change: { type: 'choice', choice } }]);
    return c.json(toOperationBody(operation), 202);
  });
}

/** The step that the request names, of those that wait for their object to go. Throws `conflict`, `invalid`. */
async function findDeleting(database: Database, operation: StoredOperation, object: string): Promise<OperationStep> {
  if (isFinal(operation.state)) {
    throw new SlipwayError('conflict', `the operation is ${operation.state}: it waits for nothing`, {
      details: { state: operation.state },
    });
  }
  const steps = await deletingSteps(database, operation.id);
  const found = steps.filter(({ key, reference }) => key === object || describeObject(reference) === object);
  const [step, ...others] = found;
  if (step === undefined) {
    throw new SlipwayError('conflict', `the operation does not wait for ${object} to go`, {
      fix: `See what it waits for: GET /v1/operations/${operation.id}/steps?state=deleting`,
    });
  }
  if (others.length === 0) return step;
  throw new SlipwayError('invalid', `${object} names several objects: ${found.map(({ key }) => key).join(', ')}`, {
    fix: 'Name the object by the key of its step.',
  });
}

async function deletingSteps(database: Database, operationId: string): Promise<readonly OperationStep[]> {
  const steps: OperationStep[] = [];
  let cursor: string | undefined;
  do {
    const request = { operationId, states: ['deleting'], limit: maximumPageSize } as const;
    const page = await listSteps(database, cursor === undefined ? request : { ...request, cursor });
    steps.push(...page.items);
    cursor = page.nextCursor ?? undefined;
  } while (cursor !== undefined);
  return steps;
}

type Answer = { readonly operation: StoredOperation; readonly step: OperationStep; readonly body: ChoiceBody };

async function detailsOf(
  database: Database,
  { operation, step, body }: Answer,
): Promise<Pick<StepChoice, 'seconds' | 'finalizers'>> {
  switch (body.choice) {
    case 'wait':
      return { seconds: body.seconds };
    case 'skip':
      return {};
    case 'removeFinalizers': {
      const diagnosed = await diagnosedFinalizers(database, operation.id, step);
      const { finalizers = diagnosed } = body;
      refuseOthers(step, { diagnosed, finalizers });
      return { finalizers: [...finalizers] };
    }
  }
}

const diagnosisSchema = z.looseObject({ key: z.string(), phase: z.string(), finalizers: z.array(z.string()) });

/** What the newest diagnosis of the step's object named. */
async function diagnosedFinalizers(
  database: Database,
  operationId: string,
  { key, phase }: OperationStep,
): Promise<readonly string[]> {
  const { items } = await listEvents(database, { filter: { operationId }, limit: maximumPageSize });
  const diagnoses = items.filter(({ action }) => action === 'resolve').map(({ details }) => details);
  const found = diagnoses
    .map((details) => diagnosisSchema.safeParse(details).data)
    .find((diagnosis) => diagnosis?.key === key && diagnosis.phase === phase);
  return found?.finalizers ?? [];
}

/** What nobody was told of is not removed. */
function refuseOthers(
  { reference }: OperationStep,
  { diagnosed, finalizers }: { readonly diagnosed: readonly string[]; readonly finalizers: readonly string[] },
): void {
  const object = describeObject(reference);
  if (diagnosed.length === 0) {
    throw new SlipwayError('conflict', `${object} is not known to be held by finalizers`, {
      fix: 'Wait some seconds for the diagnosis, or choose to wait longer or to skip it.',
    });
  }
  const others = finalizers.filter((finalizer) => !diagnosed.includes(finalizer));
  if (others.length === 0) return;
  throw new SlipwayError('invalid', `the diagnosis of ${object} does not name ${others.join(', ')}`, {
    fix: `It names ${diagnosed.join(', ')}.`,
  });
}
