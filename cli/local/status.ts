import { join } from 'node:path';
import { z } from 'zod';
import { connectionSchema } from '../../domain/connection.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { operationSchema } from '../../domain/operation.ts';
import { stateHome } from '../../infra/runtime/state-directory.ts';
import { apiPath, Client } from '../client.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import { renderFields } from '../output/table.ts';
import { readPages } from '../read-pages.ts';
import { findServer } from '../server-address.ts';
import { readRunning } from './running.ts';

const readinessSchema = z.looseObject({ status: z.string(), parts: z.record(z.string(), z.string()) });

type Status = {
  readonly server: string;
  readonly source: string;
  readonly status: string;
  readonly parts: Readonly<Record<string, string>>;
  readonly connections: number;
  readonly runningOperations: number;
};

/** What `slipway status` shows; throws `unavailable` when the server does not answer. */
export async function status(call: Invocation<unknown>): Promise<ExitCode> {
  const { shell, globals, printer } = call;
  const address = await findServer(shell, globals);
  const client = new Client(address, shell.interrupted);
  const { status: state, parts } = await readReadiness(client);
  const answer: Status = {
    server: address.server,
    source: address.source,
    status: state,
    parts,
    ...(state === 'ready' ? await readWork(client) : { connections: 0, runningOperations: 0 }),
  };
  const local = await readRunning(shell.env, join(stateHome(shell.env), 'run', 'lock'));
  if (!printer.isForPeople) await printer.data({ ...answer, local: local ?? null });
  else {
    printer.lines(
      renderFields(
        [
          ['server', `${answer.server} (${answer.source})`],
          ['status', answer.status],
          ...Object.entries(answer.parts),
          ['connections', String(answer.connections)],
          ['running', `${answer.runningOperations} operations`],
          ...(local === undefined ? [] : [['local', `process ${local.pid} since ${local.startedAt}`] as const]),
        ],
        printer.paint,
      ),
    );
  }
  return state === 'ready' ? exitCodes.ok : exitCodes.failed;
}

/** Which parts of the server answer; a server that is not ready says so with 503. */
export async function readReadiness(client: Client): Promise<z.infer<typeof readinessSchema>> {
  const response = await client.probe('/readyz');
  const readiness = readinessSchema.safeParse(response);
  if (readiness.success) return readiness.data;
  throw new SlipwayError('unsupported', `${client.server} does not answer as Slipway does`, { fix: 'check --server' });
}

async function readWork(client: Client): Promise<Pick<Status, 'connections' | 'runningOperations'>> {
  const state = ['queued', 'running', 'paused', 'compensating'];
  const [connections, operations] = await Promise.all([
    readPages(client, { item: connectionSchema, path: apiPath('connections') }),
    readPages(client, { item: operationSchema, path: apiPath('operations'), query: { state } }),
  ]);
  return { connections: connections.items.length, runningOperations: operations.items.length };
}
