import { readFile } from 'node:fs/promises';
import { Connection } from '@temporalio/client';
import { expect, inject, test } from 'vitest';

test('the run has a Temporal server with its default namespace', async () => {
  const { address, namespace } = inject('temporal');
  const connection = await Connection.connect({ address });
  const described = await connection.workflowService.describeNamespace({ namespace });
  expect(described.namespaceInfo?.name).toBe('default');
  await connection.close();
});

test('the run has a cluster whose kubeconfig only this user can read', async () => {
  const { kubeconfig, server } = inject('cluster');
  expect(await readFile(kubeconfig, 'utf8')).toContain(server);
});

test('the run has a registry that lets everybody in and one that asks who it is', async () => {
  const { address, guarded } = inject('registry');
  expect((await fetch(`http://${address}/v2/`)).status).toBe(200);
  expect((await fetch(`http://${guarded.address}/v2/`)).status).toBe(401);
  const authorization = `Basic ${Buffer.from(`${guarded.username}:${guarded.password}`).toString('base64')}`;
  expect((await fetch(`http://${guarded.address}/v2/`, { headers: { authorization } })).status).toBe(200);
});
