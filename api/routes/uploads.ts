import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import { deleteUpload, findUpload, saveUpload, uploadSchema } from '../../infra/database/registry/uploads.ts';
import type { Database } from '../../infra/database/database.ts';
import { type ApiContext, createRouter, type RouteDeps } from '../context.ts';
import { badRequest } from '../problem.ts';
import { idSchema, jsonAnswer } from '../schemas.ts';

const tags = ['uploads'];
const params = z.object({ upload: idSchema });
const uploadBody = uploadSchema.extend({}).openapi('Upload');
const uploadAnswer = (description: string) => jsonAnswer(description, uploadBody);

const create = createRoute({
  method: 'post',
  path: '/v1/uploads',
  operationId: 'createUpload',
  summary: 'Keeps a file for a generation; it goes when that has succeeded, or after a day',
  tags,
  request: {
    query: z.strictObject({
      fileName: z
        .string()
        .min(1)
        .max(255)
        .regex(/^[^/\\\p{Cc}]+$/u, 'a name without folders')
        .openapi({ description: 'Tells what is no archive by its ending; named in findings' }),
    }),
    body: {
      required: true,
      content: { 'application/octet-stream': { schema: z.string().openapi({ format: 'binary' }) } },
    },
  },
  responses: { 201: uploadAnswer('The upload') },
});

const get = createRoute({
  method: 'get',
  path: '/v1/uploads/{upload}',
  operationId: 'getUpload',
  summary: 'An upload, while it is there',
  tags,
  request: { params },
  responses: { 200: uploadAnswer('The upload') },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/uploads/{upload}',
  operationId: 'deleteUpload',
  summary: 'Forgets an upload; a generation that has begun to read it may fail',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone' } },
});

/** Files that are sent to be generated from. They stream into the database: memory holds a piece of one. */
export function uploadRoutes({ database }: RouteDeps) {
  return createRouter()
    .openapi(create, async (c) => {
      const upload = await receiveUpload(c, database, c.req.valid('query').fileName);
      return c.json(upload, 201, { Location: `/v1/uploads/${upload.id}` });
    })
    .openapi(get, async (c) => c.json(await requireUpload(database, c.req.valid('param').upload), 200))
    .openapi(remove, async (c) => {
      const { id } = await requireUpload(database, c.req.valid('param').upload);
      await deleteUpload(database, id);
      return c.body(null, 204);
    });
}

async function receiveUpload(c: ApiContext, database: Database, fileName: string) {
  const content = c.req.raw.body;
  if (content === null) throw badRequest('the body is empty');
  const maximumBytes = registryLimits.sourceBytes;
  const upload = await saveUpload(database, { fileName, actor: c.var.actor, content, maximumBytes });
  if (upload.size > 0) return upload;
  await deleteUpload(database, upload.id);
  throw badRequest('the body is empty');
}

async function requireUpload(database: Database, id: string) {
  const upload = await findUpload(database, id);
  if (upload !== undefined) return upload;
  throw new SlipwayError('notFound', `there is no upload ${id}`, {
    fix: 'Send the file with POST /v1/uploads. One that a generation has stored is gone.',
  });
}
