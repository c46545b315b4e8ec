import type { OpenAPIHono } from '@hono/zod-openapi';
import { isJsonObject, type JsonObject, type JsonValue } from '../domain/json.ts';
import type { ApiEnv } from './context.ts';
import { problemSchema } from './problem.ts';

const problemAnswer = {
  description: 'A problem document (RFC 9457)',
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
} as const;

const idempotencyKeyParameter = {
  name: 'Idempotency-Key',
  in: 'header',
  required: false,
  schema: { type: 'string', minLength: 1, maxLength: 255 },
  description: 'The same request under the same key is carried out once; kept for a day',
} as const;

/** The OpenAPI 3.1 document of an app: its routes, with the answers and the header that all of them share. */
export function describeApi(app: OpenAPIHono<ApiEnv>): JsonObject {
  app.openAPIRegistry.register('Problem', problemSchema);
  app.openAPIRegistry.registerComponent('securitySchemes', 'bearer', { type: 'http', scheme: 'bearer' });
  const document: unknown = JSON.parse(
    JSON.stringify(
      app.getOpenAPI31Document({
        openapi: '3.1.0',
        info: {
          title: 'Slipway',
          version: '1',
          description:
            'Deploys infrastructure designs onto Kubernetes clusters durably, and takes them out again in order.',
          license: { name: 'Apache-2.0', url: 'https://www.apache.org/licenses/LICENSE-2.0' },
        },
        servers: [{ url: '/' }],
        security: [{ bearer: [] }],
      }),
    ),
  );
  return isJsonObject(document) ? { ...document, paths: mapValues(document['paths'], describePath) } : {};
}

function describePath(path: JsonValue): JsonValue {
  return mapValues(path, describeOperation);
}

function describeOperation(operation: JsonValue, method: string): JsonValue {
  if (!isJsonObject(operation)) return operation;
  const parameters = Array.isArray(operation['parameters']) ? operation['parameters'] : [];
  const responses = isJsonObject(operation['responses']) ? operation['responses'] : {};
  return {
    ...operation,
    responses: { ...responses, default: problemAnswer },
    ...(method === 'post' ? { parameters: [...parameters, idempotencyKeyParameter] } : {}),
  };
}

function mapValues(value: JsonValue | undefined, map: (value: JsonValue, key: string) => JsonValue): JsonObject {
  if (!isJsonObject(value)) return {};
  return Object.fromEntries(Object.entries(value).map(([key, inner]) => [key, map(inner, key)]));
}
