import { createRoute, z } from '@hono/zod-openapi';
import { didYouMean } from '../../domain/design/closest-name.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { hasErrors } from '../../domain/finding.ts';
import type { Database } from '../../infra/database/database.ts';
import { checkDeclarations } from '../../infra/registry/check-declarations.ts';
import {
  addRevision,
  createDesign,
  deleteDesign,
  designNames,
  findDesign,
  listDesigns,
  type StoredDesign,
} from '../../infra/database/designs.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { readUpload, receiveDesign, receiveRevision, uploadContent, uploadQuerySchema } from '../design-upload.ts';
import { etagOf, expectedRevision } from '../etag.ts';
import { badRequest } from '../problem.ts';
import { designBody, findingBody, jsonAnswer, nameOrIdSchema, pageAnswer, pageQuery } from '../schemas.ts';

const tags = ['designs'];
const params = z.object({ design: nameOrIdSchema });
const designAnswer = (description: string) => jsonAnswer(description, designBody);

const list = createRoute({
  method: 'get',
  path: '/v1/designs',
  operationId: 'listDesigns',
  summary: 'Designs by name',
  tags,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: pageAnswer(designBody) },
});

const create = createRoute({
  method: 'post',
  path: '/v1/designs',
  operationId: 'createDesign',
  summary: 'Stores a new design at revision 1',
  tags,
  request: { query: uploadQuerySchema, body: { content: uploadContent } },
  responses: { 201: designAnswer('The design') },
});

const validationSchema = z
  .object({
    valid: z.boolean(),
    format: z.string(),
    design: z
      .object({ name: z.string(), namespace: z.string().optional(), componentCount: z.number().int() })
      .nullable()
      .openapi({ description: 'Null where the source could not be read' }),
    findings: z.array(findingBody),
  })
  .openapi('DesignValidation');

const validate = createRoute({
  method: 'post',
  path: '/v1/designs/validate',
  operationId: 'validateDesign',
  summary: 'Reads a design and gives every finding, also of the schemas that the registry has; stores nothing',
  tags,
  request: { query: uploadQuerySchema, body: { content: uploadContent } },
  responses: { 200: jsonAnswer('What was found', validationSchema) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/designs/{design}',
  operationId: 'getDesign',
  summary: 'A design, by id or name',
  tags,
  request: { params },
  responses: { 200: designAnswer('The design; its ETag is for If-Match') },
});

const ifMatchSchema = z.object({
  'if-match': z
    .string()
    .max(1_000)
    .optional()
    .openapi({ description: 'The ETag of the design that is changed; needed' }),
});

const update = createRoute({
  method: 'put',
  path: '/v1/designs/{design}',
  operationId: 'updateDesign',
  summary: 'Stores a new revision; nothing where the design is the same',
  tags,
  request: { params, headers: ifMatchSchema, query: uploadQuerySchema, body: { content: uploadContent } },
  responses: { 200: designAnswer('The design at its newest revision') },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/designs/{design}',
  operationId: 'deleteDesign',
  summary:
    'Deletes a design that is deployed nowhere, with its revisions and the records of its undeployed deployments',
  tags,
  request: { params, headers: ifMatchSchema },
  responses: { 204: { description: 'It is gone' } },
});

/** Designs: what is wanted, stored with revisions. */
export function designRoutes({ database, designReader }: RouteDeps) {
  return createRouter()
    .openapi(list, async (c) => c.json(await listDesigns(database, c.req.valid('query')), 200))
    .openapi(create, async (c) => {
      const { name: given, revision } = await receiveRevision(c, designReader);
      const name = given ?? revision.design.name;
      const stored = await createDesign(database, { ...revision, name, design: { ...revision.design, name } });
      return c.json(stored, 201, { Location: `/v1/designs/${stored.id}`, ETag: etagOf(stored) });
    })
    .openapi(validate, async (c) => {
      const { design, format, findings: read } = await readUpload(designReader, await receiveDesign(c));
      const components = design?.components ?? [];
      const findings = [...read, ...(await checkDeclarations(database, { components, severityOf: () => 'error' }))];
      const summary = design && {
        name: design.name,
        namespace: design.namespace,
        componentCount: design.components.length,
      };
      return c.json({ valid: !hasErrors(findings), format, design: summary ?? null, findings }, 200);
    })
    .openapi(get, async (c) => {
      const design = await requireStoredDesign(database, c.req.valid('param').design);
      return c.json(design, 200, { ETag: etagOf(design) });
    })
    .openapi(update, async (c) => {
      const current = await requireStoredDesign(database, c.req.valid('param').design);
      const expected = expectedRevision(c.req.valid('header')['if-match'], current);
      const { name, revision } = await receiveRevision(c, designReader);
      if (name !== undefined && name !== current.name) throw badRequest('a design keeps its name');
      const design = { ...revision.design, name: current.name };
      const stored = await addRevision(database, { ...revision, id: current.id, expectedRevision: expected, design });
      return c.json(stored, 200, { ETag: etagOf(stored) });
    })
    .openapi(remove, async (c) => {
      const design = await requireStoredDesign(database, c.req.valid('param').design);
      const expected = expectedRevision(c.req.valid('header')['if-match'], design);
      await deleteDesign(database, { id: design.id, expectedRevision: expected });
      return c.body(null, 204);
    });
}

/** Throws SlipwayError `notFound` for a revision that the design has not. */
export function requireRevisionOf(design: Pick<StoredDesign, 'name' | 'revision'>, revision: number): void {
  if (revision <= design.revision) return;
  throw new SlipwayError('notFound', `design ${design.name} has no revision ${revision}`, {
    fix: `Its newest is ${design.revision}.`,
  });
}

/** The design of that id or name. Throws SlipwayError `notFound`. */
export async function requireStoredDesign(database: Database, idOrName: string): Promise<StoredDesign> {
  const design = await findDesign(database, idOrName);
  if (design !== undefined) return design;
  const meant = didYouMean(idOrName, await designNames(database));
  throw new SlipwayError('notFound', `there is no design ${idOrName}`, {
    fix: `${meant} List them with GET /v1/designs.`.trimStart(),
  });
}
