import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { hc } from 'hono/client';
import { inject, onTestFinished } from 'vitest';
import { z } from 'zod';
import { type Problem, problemSchema } from '../../api/problem.ts';
import { type Api, createApi } from '../../api/app.ts';
import type { ApiConfig } from '../../api/context.ts';
import { serveApi } from '../../api/serve.ts';
import { openDatabase } from '../../infra/database/database.ts';
import { createDesignReader } from '../../infra/design-source/design-reader.ts';
import { createLog } from '../../infra/log.ts';
import { createVault } from '../../infra/secrets/vault.ts';
import { createTemporalClient } from '../../infra/temporal/client.ts';

export const token = 'slp_test-token-of-more-than-32-characters';

const masterKey = Buffer.alloc(32, 7);

export type ApiFixtureOptions = {
  readonly config?: Partial<ApiConfig>;
  /** A database that another app of the test uses too. */
  readonly databaseUrl?: string;
  /** Default: the Temporal server of the test run. */
  readonly temporalAddress?: string;
};

/** An app over a database file and the real Temporal server, and lines that it logged. */
export async function createTestApi({ config, databaseUrl, temporalAddress }: ApiFixtureOptions = {}) {
  const vault = createVault([masterKey]);
  const home = await temporaryFolder();
  const url = databaseUrl ?? `file:${join(home, 'slipway.db')}`;
  const database = await openDatabase({ url, vault });
  const { namespace, address } = inject('temporal');
  const temporal = await createTemporalClient({ address: temporalAddress ?? address, namespace }, vault);
  const logged: string[] = [];
  const app = createApi({
    database,
    temporal: temporal.client,
    designReader: createDesignReader(),
    log: createLog({ level: 'debug', name: 'api', destination: { write: (line) => void logged.push(line) } }),
    config: { host: '127.0.0.1', allowedHosts: [], requestsPerSecond: 10_000, token, home, ...config },
  });
  onTestFinished(async () => {
    app.closeStreams();
    await temporal.close();
    await database.close();
  });
  const request = (path: string, init: RequestInit = {}) =>
    Promise.resolve(app.request(path, { ...init, headers: { authorization: `Bearer ${token}`, ...init.headers } }));
  const client = hc<Api>('http://localhost', { fetch: app.request, headers: { authorization: `Bearer ${token}` } });
  return { app, request, client, database, databaseUrl: url, temporal: temporal.client, logged };
}

export type TestApi = Awaited<ReturnType<typeof createTestApi>>;

/** The app on a port of its own. */
export async function serveTestApi(options: ApiFixtureOptions = {}) {
  const api = await createTestApi(options);
  const server = await serveApi({ api: api.app, host: '127.0.0.1', port: 0, drainMs: 2_000 });
  onTestFinished(() => server.stop());
  return { ...api, url: server.url, stop: server.stop };
}

/** An init for a request with a JSON body. */
export function json(method: string, body: unknown, headers: Record<string, string> = {}): RequestInit {
  return { method, body: JSON.stringify(body), headers: { 'content-type': 'application/json', ...headers } };
}

/** An init for a design that is sent as it is. */
export function yaml(method: string, body: string, headers: Record<string, string> = {}): RequestInit {
  return { method, body, headers: { 'content-type': 'application/yaml', ...headers } };
}

/** The problem document of an answer, whose type is checked. */
export async function problemOf(response: Response): Promise<Problem> {
  if (response.headers.get('content-type') !== 'application/problem+json') {
    throw new Error(`not a problem: ${response.status} ${await response.text()}`);
  }
  return problemSchema.parse(await response.json());
}

const bodySchema = z.looseObject({
  id: z.string(),
  deploymentId: z.string().nullish(),
  operationId: z.string().nullish(),
});

const listSchema = z.object({
  items: z.array(
    z.looseObject({ id: z.string().optional(), name: z.string().optional(), component: z.string().optional() }),
  ),
  nextCursor: z.string().nullable(),
});

/** The body of an answer that is a thing with an id. */
export async function bodyOf(response: Response | Promise<Response>) {
  return bodySchema.parse(await (await response).json());
}

/** The body of an answer that is a list. */
export async function listOf(response: Response | Promise<Response>) {
  return listSchema.parse(await (await response).json());
}

export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-api-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A design of one ConfigMap for each name. */
export function designSource(name: string, ...configMaps: readonly string[]): string {
  const components = configMaps.map(
    (configMap) => `    - name: ${configMap}
      object:
        apiVersion: v1
        kind: ConfigMap
        metadata: { name: ${configMap}, namespace: default }
        data: { greeting: hello }
`,
  );
  return `apiVersion: slipway.dev/v1
kind: Design
metadata: { name: ${name} }
spec:
  components:
${components.join('')}`;
}

export const kubeconfig = `apiVersion: v1
kind: Config
current-context: test
contexts: [{ name: test, context: { cluster: test, user: test } }]
clusters: [{ name: test, cluster: { server: 'https://127.0.0.1:6443' } }]
users: [{ name: test, user: { token: very-secret-token } }]
`;

/** A design and a connection, stored, with the ids that a deploy names. */
export async function storeTarget({ client }: Pick<TestApi, 'client'>) {
  const name = `shop-${randomUUID().slice(0, 8)}`;
  const design = await client.v1.designs.$post({ json: { name, source: designSource(name, 'settings') }, query: {} });
  const connection = await client.v1.connections.$post({ json: { name, kubeconfig } });
  return { design: (await design.json()).id, connection: (await connection.json()).id };
}

/** Deploys the target and gives the operation. */
export async function deploy(api: Pick<TestApi, 'client'>, target: { design: string; connection: string }) {
  const response = await api.client.v1.deployments.$post({ json: target });
  if (response.status !== 202) throw new Error(`not accepted: ${response.status}`);
  return response.json();
}
