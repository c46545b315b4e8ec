import { createHash } from 'node:crypto';
import { z } from '@hono/zod-openapi';
import { createMiddleware } from 'hono/factory';
import { jsonValueSchema } from '../../domain/json.ts';
import type { Database } from '../../infra/database/database.ts';
import { abandonRequest, beginRequest, completeRequest, type RequestKey } from '../../infra/database/idempotency.ts';
import { findOperation } from '../../infra/database/operations.ts';
import type { ApiContext, ApiEnv } from '../context.ts';
import { acceptedBody } from '../operations.ts';
import { badRequest, RequestError } from '../problem.ts';
import { isUpload } from '../uploads.ts';

/** The parts of an answer that are given again. */
const keptHeaders = ['location', 'etag'] as const;
const keptAnswerSchema = z.object({
  body: jsonValueSchema,
  headers: z.record(z.string(), z.string()),
});

/**
 * Carries a POST with an `Idempotency-Key` out once and gives its answer again for a day. Failures are not kept: nothing was
 * done, so the same request may be tried again. An upload is not remembered: it would have to be held whole, and one that is
 * sent twice only goes away unused. After draft-ietf-httpapi-idempotency-key-header-07.
 */
export function rememberAnswers({ database }: { readonly database: Database }) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const key = c.req.header('idempotency-key');
    if (key === undefined || c.req.method !== 'POST' || isUpload(c.req)) return next();
    if (!/^[\x20-\x7e]{1,255}$/.test(key)) throw badRequest('an Idempotency-Key has 1 to 255 printable characters');
    const request = { actor: c.var.actor, key };
    const start = await beginRequest(database, { ...request, ...(await describeRequest(c)) });
    switch (start.outcome) {
      case 'new':
        c.set('operationId', start.operationId);
        await next();
        return keepAnswer(database, request, c);
      case 'replay':
        return replay(c, start);
      case 'mismatch':
        throw new RequestError(422, 'this Idempotency-Key was used for another request', {
          code: 'invalid',
          fix: 'Use a new key for each request; the same key only to repeat one.',
        });
      case 'inProgress':
        return answerInProgress(database, start.operationId, c);
    }
  });
}

async function describeRequest(c: ApiContext) {
  const body = new Uint8Array(await c.req.arrayBuffer());
  const bodyDigest = createHash('sha256').update(body).digest('hex');
  const { pathname, search } = new URL(c.req.url);
  return { method: c.req.method, path: `${pathname}${search}`, bodyDigest };
}

async function keepAnswer(database: Database, request: RequestKey, c: ApiContext): Promise<void> {
  if (c.error !== undefined || !c.res.ok) return abandonRequest(database, request);
  const headers = Object.fromEntries(
    keptHeaders.flatMap((name) => {
      const value = c.res.headers.get(name);
      return value === null ? [] : [[name, value]];
    }),
  );
  const body = jsonValueSchema.parse(await c.res.clone().json());
  await completeRequest(database, { ...request, status: c.res.status, response: { body, headers } });
}

/** What the first request accepted is known although its own answer is not there, and never will be if its process died. */
async function answerInProgress(database: Database, operationId: string, c: ApiContext): Promise<Response> {
  const operation = await findOperation(database, operationId);
  if (operation !== undefined) return c.json(acceptedBody(c, operation), 202);
  throw new RequestError(409, 'the first request with this Idempotency-Key is not answered yet', {
    code: 'conflict',
    headers: { 'Retry-After': '1' },
  });
}

function replay(c: ApiContext, stored: { readonly status: number; readonly response: unknown }): Response {
  const { body, headers } = keptAnswerSchema.parse(stored.response);
  return new Response(JSON.stringify(body), {
    status: stored.status,
    headers: {
      ...headers,
      'Content-Type': 'application/json',
      'Idempotency-Replayed': 'true',
      'X-Request-Id': c.var.requestId,
    },
  });
}
