import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, onTestFinished, test } from 'vitest';
import { provision } from '../../infra/runtime/provision.ts';
import { startRegistry, type RegistryServer } from '../../infra/runtime/registry-server.ts';
import { openStateDirectory } from '../../infra/runtime/state-directory.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function start(home: string): Promise<RegistryServer> {
  const server = await startRegistry({
    state: await openStateDirectory(home),
    program: await provision('registry', { environment: process.env, onProgress: () => {} }),
    name: 'registry',
    onUnexpectedExit: () => {},
  });
  onTestFinished(server.stop);
  return server;
}

/** Sends a blob in one piece and gives its digest's answer. */
async function send(server: RegistryServer): Promise<number> {
  const opened = await fetch(`http://${server.address}/v2/hold/blobs/uploads/`, { method: 'POST' });
  const location = new URL(opened.headers.get('location') ?? '');
  location.searchParams.set('digest', emptyObject);
  return (await fetch(location, { method: 'PUT', body: '{}' })).status;
}

const emptyObject = 'sha256:44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a';

async function find(server: RegistryServer): Promise<number> {
  return (await fetch(`http://${server.address}/v2/hold/blobs/${emptyObject}`)).status;
}

test('a registry that is killed comes back at the same address with what was pushed', async () => {
  const server = await start(await temporaryFolder());
  expect(await send(server)).toBe(201);
  await server.process.kill();
  await server.process.start();
  expect(await find(server)).toBe(200);
});

test('a registry lets go of what is deleted', async () => {
  const server = await start(await temporaryFolder());
  await send(server);
  const deleted = await fetch(`http://${server.address}/v2/hold/blobs/${emptyObject}`, { method: 'DELETE' });
  expect([deleted.status, await find(server)]).toEqual([202, 404]);
});

test('a registry keeps its files to this user and inside its state directory', async () => {
  const home = await temporaryFolder();
  await start(home);
  const file = await stat(join(home, 'data', 'registry', 'configuration.yml'));
  expect(file.mode & 0o777).toBe(0o600);
});
