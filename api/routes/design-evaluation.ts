import { createRoute, z } from '@hono/zod-openapi';
import type { Design } from '../../domain/design.ts';
import {
  evaluationSchema,
  relationChangeSchema,
  relationEdgeSchema,
  traceEntrySchema,
} from '../../domain/relationship/evaluation.ts';
import { evaluateRelationships } from '../../domain/relationship/evaluate.ts';
import { missingFinding } from '../../domain/relationship/missing-counterparts.ts';
import type { Database } from '../../infra/database/database.ts';
import { readRevision } from '../../infra/database/designs.ts';
import { relationshipsOf } from '../../infra/registry/relationships-of.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { receiveRevision, uploadContent, uploadQuerySchema } from '../design-upload.ts';
import { anyValue, findingBody, jsonAnswer, jsonBody, nameOrIdSchema } from '../schemas.ts';
import { requireStoredDesign } from './designs.ts';

const tags = ['designs'];

const disabledSchema = z
  .array(z.string().regex(/^[\w-]+(\/[\w-]+){0,2}$/, 'KIND, KIND/TYPE or KIND/TYPE/SUBTYPE'))
  .max(100)
  .openapi({ description: 'Relationships to leave out: edge, edge/binding or edge/binding/mount' });

const evaluationBody = evaluationSchema
  .extend({
    edges: z.array(relationEdgeSchema).openapi({ description: 'Components that go together, and which goes first' }),
    changes: z
      .array(relationChangeSchema.extend({ value: anyValue }))
      .openapi({ description: 'Fields that a deploy fills' }),
    findings: z.array(findingBody).openapi({ description: 'What is denied, missing, different or in conflict' }),
    trace: z.array(traceEntrySchema).optional(),
  })
  .openapi('DesignEvaluation');

const answer = jsonAnswer('It', evaluationBody);

const newEvaluationBody = z
  .strictObject({
    revision: z.number().int().min(1).optional().openapi({ description: 'Default: the newest' }),
    disabled: disabledSchema.optional(),
    trace: z.boolean().optional().openapi({ description: 'Tell every step' }),
  })
  .openapi('NewDesignEvaluation');

const evaluateStored = createRoute({
  method: 'post',
  path: '/v1/designs/{design}/evaluate',
  operationId: 'evaluateDesign',
  summary: 'What the relationships of the registry say of a stored design; changes nothing',
  tags,
  request: {
    params: z.object({ design: nameOrIdSchema }),
    body: jsonBody(newEvaluationBody),
  },
  responses: { 200: answer },
});

const evaluateSent = createRoute({
  method: 'post',
  path: '/v1/designs/evaluate',
  operationId: 'evaluateSource',
  summary: 'What the relationships of the registry say of a design that is sent; stores nothing',
  tags,
  request: {
    query: uploadQuerySchema.extend({
      disabled: z
        .string()
        .transform((text) => text.split(','))
        .pipe(disabledSchema)
        .optional(),
      trace: z.stringbool().optional(),
    }),
    body: { content: uploadContent },
  },
  responses: { 200: answer },
});

/** What relationships say of designs. */
export function designEvaluationRoutes({ database, designReader }: RouteDeps) {
  return createRouter()
    .openapi(evaluateStored, async (c) => {
      const stored = await requireStoredDesign(database, c.req.valid('param').design);
      const { revision = stored.revision, ...choices } = c.req.valid('json');
      const { design } = await readRevision(database, { id: stored.id, revision });
      return c.json(await evaluate(database, design, choices), 200);
    })
    .openapi(evaluateSent, async (c) => {
      const { revision } = await receiveRevision(c, designReader);
      const { disabled, trace } = c.req.valid('query');
      return c.json(await evaluate(database, revision.design, { disabled, trace }), 200);
    });
}

type Choices = { readonly disabled?: string[] | undefined; readonly trace?: boolean | undefined };

async function evaluate(
  database: Database,
  { components, namespace }: Design,
  { disabled = [], trace = false }: Choices,
): Promise<z.infer<typeof evaluationBody>> {
  const evaluation = evaluateRelationships({
    ...(await relationshipsOf(database, components)),
    components,
    namespace,
    preferences: { disabled },
    trace,
  });
  return {
    edges: [...evaluation.edges],
    changes: evaluation.changes.map(({ steps: _steps, ...change }) => change),
    findings: [...evaluation.findings, ...evaluation.missing.map(missingFinding)],
    ...(trace ? { trace: [...evaluation.trace] } : {}),
  };
}
