import { Client, Connection } from '@temporalio/client';
import { expect, onTestFinished, test } from 'vitest';
import { provision } from '../../infra/runtime/provision.ts';
import { openStateDirectory } from '../../infra/runtime/state-directory.ts';
import { startTemporalServer, type TemporalServer } from '../../infra/runtime/temporal-server.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function start(home: string): Promise<TemporalServer> {
  const server = await startTemporalServer({
    state: await openStateDirectory(home),
    program: await provision('temporal', { environment: process.env, onProgress: () => {} }),
    onUnexpectedExit: () => {},
  });
  onTestFinished(server.stop);
  return server;
}

/** Runs `use` with a client of the server. */
async function withClient<Result>(server: TemporalServer, use: (client: Client) => Promise<Result>): Promise<Result> {
  const connection = await Connection.connect({ address: server.address });
  try {
    return await use(new Client({ connection, namespace: server.namespace }));
  } finally {
    await connection.close();
  }
}

async function startWorkflow(server: TemporalServer, workflowId: string): Promise<void> {
  await withClient(server, (client) => client.workflow.start('nobody-runs-it', { taskQueue: 'idle', workflowId }));
}

async function statusOf(server: TemporalServer, workflowId: string): Promise<string> {
  return withClient(server, async (client) => (await client.workflow.getHandle(workflowId).describe()).status.name);
}

test('a server that is killed comes back at the same address with its workflows', async () => {
  const server = await start(await temporaryFolder());
  await startWorkflow(server, 'survivor');
  await server.process.kill();
  await server.process.start();
  expect(await statusOf(server, 'survivor')).toBe('RUNNING');
});

test('a second start on the same state directory finds the address and the workflows of the first', async () => {
  const home = await temporaryFolder();
  const first = await start(home);
  await startWorkflow(first, 'kept');
  await first.stop();
  const second = await start(home);
  expect([second.address, second.uiUrl]).toEqual([first.address, first.uiUrl]);
  expect(await statusOf(second, 'kept')).toBe('RUNNING');
});

test('its web interface is served on loopback', async () => {
  const server = await start(await temporaryFolder());
  expect(server.uiUrl).toMatch(/^http:\/\/127\.0\.0\.1:/u);
  expect((await fetch(server.uiUrl)).status).toBe(200);
});
