import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import { type Finding, findingSchema } from '../../domain/finding.ts';
import {
  isFinal,
  type Operation,
  operationSchema,
  type OperationStep,
  operationStepSchema,
} from '../../domain/operation.ts';

const problemSchema = z.object({
  status: z.number(),
  code: z.string(),
  title: z.string(),
  detail: z.string().optional(),
  fix: z.string().optional(),
  findings: z.array(findingSchema).optional(),
});

const uploadSchema = z.object({ id: z.string() });

/** An answer of the API that is a problem document. */
export class ProblemError extends Error {
  readonly status: number;
  readonly code: string;
  readonly findings: readonly Finding[];

  constructor(problem: z.infer<typeof problemSchema>) {
    const findings = problem.findings?.map(({ message }) => `\n  ${message}`) ?? [];
    super(`${problem.status} ${problem.code}: ${problem.detail ?? problem.title}${findings.join('')}`);
    this.status = problem.status;
    this.code = problem.code;
    this.findings = problem.findings ?? [];
  }
}

/** What tests do over HTTP, as any client would. Every method but `tryGet` throws ProblemError. */
export type ApiClient = {
  readonly address: string;
  readonly token: string;
  readonly get: (path: string) => Promise<unknown>;
  readonly post: (path: string, body?: unknown) => Promise<unknown>;
  /** Sends a file, and gives the id of the upload. */
  readonly upload: (fileName: string, bytes: Uint8Array<ArrayBuffer>) => Promise<string>;
  /** Creates the design, or makes the text its newest revision. */
  readonly putDesign: (name: string, source: string) => Promise<void>;
  /** Posts, and gives the operation that was accepted. */
  readonly start: (path: string, body?: unknown) => Promise<Operation>;
  readonly operation: (id: string) => Promise<Operation>;
  /** Waits until the operation has ended. */
  readonly end: (operation: Operation) => Promise<Operation>;
  /** Waits until `condition` holds for the steps of the operation. */
  readonly steps: (
    id: string,
    condition?: (steps: readonly OperationStep[]) => boolean,
  ) => Promise<readonly OperationStep[]>;
};

const pollMs = 50;
/** What a test that waited in vain need not be told of. */
const settledSteps = new Set(['ready', 'unchanged', 'gone', 'kept']);
const patienceMs = 240_000;

export function createApiClient(address: string, token: string): ApiClient {
  const request = async (
    method: string,
    path: string,
    init: { body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const answer = await withPatience(() =>
      fetch(`${address}${path}`, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(method === 'POST' ? { 'idempotency-key': randomUUID() } : {}),
          ...(init.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...init.headers,
        },
        ...(init.body === undefined ? {} : { body: JSON.stringify(init.body) }),
      }),
    );
    const body: unknown = answer.status === 204 ? undefined : await answer.json();
    if (!answer.ok) throw new ProblemError(problemSchema.parse(body));
    return { body, etag: answer.headers.get('etag') };
  };
  const get = async (path: string): Promise<unknown> => (await request('GET', path)).body;
  const post = async (path: string, body: unknown = {}): Promise<unknown> =>
    (await request('POST', path, { body })).body;
  const operation = async (id: string): Promise<Operation> => operationSchema.parse(await get(`/v1/operations/${id}`));
  const allSteps = async (id: string): Promise<readonly OperationStep[]> => {
    const page = z.object({ items: z.array(operationStepSchema) });
    return page.parse(await get(`/v1/operations/${id}/steps?limit=1000`)).items;
  };

  return {
    address,
    token,
    get,
    post,
    async upload(fileName, bytes) {
      const answer = await fetch(`${address}/v1/uploads?fileName=${encodeURIComponent(fileName)}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${token}`, 'content-type': 'application/octet-stream' },
        body: bytes,
      });
      const body: unknown = await answer.json();
      if (!answer.ok) throw new ProblemError(problemSchema.parse(body));
      return uploadSchema.parse(body).id;
    },
    async putDesign(name, source) {
      const found = await request('GET', `/v1/designs/${name}`).catch((error: unknown) => {
        if (error instanceof ProblemError && error.status === 404) return undefined;
        throw error;
      });
      if (found === undefined) await post('/v1/designs', { name, source });
      else await request('PUT', `/v1/designs/${name}`, { body: { source }, headers: { 'if-match': found.etag ?? '' } });
    },
    start: async (path, body) => operationSchema.parse(await post(path, body)),
    operation,
    end: ({ id }) =>
      waitFor(
        () => operation(id),
        ({ state }) => isFinal(state),
      ).catch(async (error: unknown) => {
        const open = (await allSteps(id)).filter(({ state }) => !settledSteps.has(state));
        const waiting = open.map(({ key, state, message }) => `\n  ${key} ${state}: ${message ?? ''}`);
        throw new Error(`${id} has not ended; open are:${waiting.join('')}`, { cause: error });
      }),
    steps: (id, condition = () => true) => waitFor(() => allSteps(id), condition),
  };
}

/** The server may be down for a moment: tests kill it. */
async function withPatience(send: () => Promise<Response>): Promise<Response> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    try {
      return await send();
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await sleep(pollMs);
    }
  }
}

/** Reads until `condition` holds. Throws with the last value when it never does. */
export async function waitFor<T>(read: () => Promise<T>, condition: (value: T) => boolean): Promise<T> {
  const deadline = Date.now() + patienceMs;
  for (;;) {
    const value = await read();
    if (condition(value)) return value;
    if (Date.now() > deadline) throw new Error(`waited in vain; the last was ${JSON.stringify(value).slice(0, 2_000)}`);
    await sleep(pollMs);
  }
}
