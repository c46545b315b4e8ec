import { createRoute, z } from '@hono/zod-openapi';
import { type Connection, connectionKinds } from '../../domain/connection.ts';
import { didYouMean } from '../../domain/design/closest-name.ts';
import { SlipwayError } from '../../domain/errors.ts';
import {
  connectionNames,
  createConnection,
  deleteConnection,
  findConnection,
  listConnections,
  replaceCredential,
} from '../../infra/database/connections.ts';
import type { Database } from '../../infra/database/database.ts';
import { newConnectionBody, newCredentialBody, readConnectionInput, readCredentialInput } from '../connection-input.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { accept } from '../operations.ts';
import {
  acceptedAnswer,
  connectionBody,
  jsonAnswer,
  jsonBody,
  nameOrIdSchema,
  oneOrMore,
  pageAnswer,
  pageQuery,
} from '../schemas.ts';

const tags = ['connections'];
const params = z.object({ connection: nameOrIdSchema });
const connectionAnswer = (description: string) => jsonAnswer(description, connectionBody);

const list = createRoute({
  method: 'get',
  path: '/v1/connections',
  operationId: 'listConnections',
  summary: 'Connections by name',
  tags,
  request: { query: z.strictObject({ ...pageQuery, kind: oneOrMore(z.enum(connectionKinds)) }) },
  responses: { 200: pageAnswer(connectionBody) },
});

const create = createRoute({
  method: 'post',
  path: '/v1/connections',
  operationId: 'createConnection',
  summary:
    'Registers a cluster by one context of a kubeconfig, or a repository or registry; the credential is kept encrypted',
  tags,
  request: { body: jsonBody(newConnectionBody) },
  responses: { 201: connectionAnswer('The connection') },
});

const get = createRoute({
  method: 'get',
  path: '/v1/connections/{connection}',
  operationId: 'getConnection',
  summary: 'A connection, by id or name',
  tags,
  request: { params },
  responses: { 200: connectionAnswer('The connection') },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/connections/{connection}',
  operationId: 'deleteConnection',
  summary: 'Forgets a connection on which nothing is deployed, with the records of its undeployed deployments',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone' } },
});

const putCredential = createRoute({
  method: 'put',
  path: '/v1/connections/{connection}/credential',
  operationId: 'replaceCredential',
  summary: 'Replaces the credential; operations that start from now on use the new one',
  tags,
  request: { params, body: jsonBody(newCredentialBody) },
  responses: { 200: connectionAnswer('The connection, to be tested again') },
});

const test = createRoute({
  method: 'post',
  path: '/v1/connections/{connection}/test',
  operationId: 'testConnection',
  summary: 'Asks the cluster for its version, or a repository or registry whether it lets Slipway in',
  tags,
  request: { params },
  responses: { 202: acceptedAnswer },
});

/** Connections: registered clusters, repositories and registries. Their credentials never leave the server. */
export function connectionRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(list, async (c) => {
      const { kind, ...page } = c.req.valid('query');
      return c.json(await listConnections(database, { ...page, kinds: kind }), 200);
    })
    .openapi(create, async (c) => {
      const body = c.req.valid('json');
      const connection = await createConnection(database, { name: body.name, ...readConnectionInput(body) });
      return c.json(connection, 201, { Location: `/v1/connections/${connection.id}` });
    })
    .openapi(get, async (c) => c.json(await requireConnection(database, c.req.valid('param').connection), 200))
    .openapi(remove, async (c) => {
      const { id } = await requireConnection(database, c.req.valid('param').connection);
      await deleteConnection(database, id);
      return c.body(null, 204);
    })
    .openapi(putCredential, async (c) => {
      const connection = await requireConnection(database, c.req.valid('param').connection);
      const { server, credential } = readCredentialInput(connection, c.req.valid('json'));
      return c.json(await replaceCredential(database, { id: connection.id, server, credential }), 200);
    })
    .openapi(test, async (c) => {
      const { id } = await requireConnection(database, c.req.valid('param').connection);
      return c.json(await accept(deps, c, { kind: 'connectionTest', connectionId: id, options: {} }), 202);
    });
}

/** The connection of that id or name. Throws SlipwayError `notFound`. */
export async function requireConnection(database: Database, idOrName: string): Promise<Connection> {
  const connection = await findConnection(database, idOrName);
  if (connection !== undefined) return connection;
  const meant = didYouMean(idOrName, await connectionNames(database));
  throw new SlipwayError('notFound', `there is no connection ${idOrName}`, {
    fix: `${meant} List them with GET /v1/connections.`.trimStart(),
  });
}
