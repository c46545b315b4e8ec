import { expect, test } from 'vitest';
import {
  createConnection,
  deleteConnection,
  findConnection,
  listConnections,
  readCredential,
  readSourceCredential,
  replaceCredential,
  resealCredentials,
  updateConnectionStatus,
} from '../../../infra/database/connections.ts';
import { setDeploymentState } from '../../../infra/database/deployments.ts';
import { connections } from '../../../infra/database/schema.ts';
import { openDatabase } from '../../../infra/database/database.ts';
import { createVault } from '../../../infra/secrets/vault.ts';
import { sharedKey, storeConnection, storeDeployment, temporaryFolder, testDatabase } from './database-fixture.ts';

const input = { name: 'prod', server: 'https://10.0.0.1:6443', credential: 'apiVersion: v1\nkind: Config\n' };

test('a connection is found by id and by name, and its credential opens as it was given', async () => {
  const database = await testDatabase();
  const connection = await createConnection(database, input);
  expect(connection).toMatchObject({ name: 'prod', status: 'registered', version: null, message: null });
  expect(await findConnection(database, connection.id)).toEqual(connection);
  expect(await findConnection(database, 'prod')).toEqual(connection);
  expect(await findConnection(database, 'test')).toBeUndefined();
  expect(await readCredential(database, connection.id)).toBe(input.credential);
  await expect(readCredential(database, 'con_0')).rejects.toMatchObject({ code: 'notFound' });
});

test('a credential is sealed, and no connection that is read shows it', async () => {
  const database = await testDatabase();
  await createConnection(database, input);
  const [row] = await database.read((queries) => queries.select().from(connections));
  expect(row?.sealedCredential.includes('Config')).toBe(false);
  const { items } = await listConnections(database);
  expect(Object.keys(items[0] ?? {})).not.toContain('sealedCredential');
});

test('a credential that is copied to another connection does not open there', async () => {
  const database = await testDatabase();
  const [a, b] = [await storeConnection(database, 'a'), await storeConnection(database, 'b')];
  const [row] = await database.read((queries) => queries.select().from(connections).limit(1));
  await database.write((queries) => [queries.update(connections).set({ sealedCredential: row?.sealedCredential })]);
  expect(await readCredential(database, a.id)).toBe('token');
  await expect(readCredential(database, b.id)).rejects.toMatchObject({ code: 'failed' });
});

test('the name of a connection is taken once', async () => {
  const database = await testDatabase();
  await createConnection(database, input);
  await expect(createConnection(database, input)).rejects.toMatchObject({ code: 'conflict' });
});

test('a test of the connection records its status, its version and why it failed', async () => {
  const database = await testDatabase();
  const { id } = await createConnection(database, input);
  await updateConnectionStatus(database, { id, status: 'connected', version: 'v1.36.3', message: null });
  const lost = await updateConnectionStatus(database, { id, status: 'disconnected', message: 'refused' });
  expect(lost).toMatchObject({ status: 'disconnected', version: 'v1.36.3', message: 'refused' });
  await expect(updateConnectionStatus(database, { id: 'con_0', status: 'ignored' })).rejects.toMatchObject({
    code: 'notFound',
  });
});

test('connections are listed by name, page after page', async () => {
  const database = await testDatabase();
  for (const name of ['c', 'a', 'b']) await storeConnection(database, name);
  const first = await listConnections(database, { limit: 2 });
  const second = await listConnections(database, { limit: 2, cursor: first.nextCursor ?? '' });
  expect([...first.items, ...second.items].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
  expect(second.nextCursor).toBeNull();
});

test('a connection that a deployment uses is not deleted until it is undeployed', async () => {
  const database = await testDatabase();
  const { id, connectionId } = await storeDeployment(database);
  await setDeploymentState(database, { id, from: ['new'], to: 'degraded' });
  await expect(deleteConnection(database, connectionId)).rejects.toMatchObject({
    code: 'conflict',
    details: { deploymentId: id, deploymentCount: 1 },
  });
  await setDeploymentState(database, { id, to: 'undeployed', revision: null });
  await deleteConnection(database, connectionId);
  expect(await findConnection(database, connectionId)).toBeUndefined();
  await expect(deleteConnection(database, connectionId)).rejects.toMatchObject({ code: 'notFound' });
});

test('after a rotation of the master key credentials are sealed with the newest, once', async () => {
  const url = `file:${await temporaryFolder()}/slipway.db`;
  const newKey = Buffer.alloc(32, 9);
  const before = await openDatabase({ url, vault: createVault([sharedKey]) });
  const { id } = await createConnection(before, input);
  await before.close();

  const rotated = await testDatabase({ url, vault: createVault([newKey, sharedKey]) });
  expect(await resealCredentials(rotated)).toBe(1);
  expect(await resealCredentials(rotated)).toBe(0);
  const after = await testDatabase({ url, vault: createVault([newKey]) });
  expect(await readCredential(after, id)).toBe(input.credential);
});

test('a source connection opens with its address and credential, and a cluster is none', async () => {
  const database = await testDatabase();
  const credential = { username: 'ann', password: 'secret', caCertificate: '-----BEGIN CERTIFICATE-----\n' };
  const server = 'https://charts.example.com';
  await createConnection(database, { name: 'charts', kind: 'helm', server, credential: JSON.stringify(credential) });
  await createConnection(database, input);
  expect(await readSourceCredential(database, 'charts')).toEqual({ kind: 'helm', server, credential });
  await expect(readSourceCredential(database, 'prod')).rejects.toMatchObject({ code: 'invalid' });
  await expect(readSourceCredential(database, 'nothing')).rejects.toMatchObject({ code: 'notFound' });
  const sources = await listConnections(database, { kinds: ['git', 'helm', 'oci'] });
  expect(sources.items.map(({ name }) => name)).toEqual(['charts']);
});

test('a credential is replaced, and what a test found with the one before counts no more', async () => {
  const database = await testDatabase();
  const { id } = await createConnection(database, input);
  await updateConnectionStatus(database, { id, status: 'disconnected', message: 'refused' });
  const changed = await replaceCredential(database, { id, credential: 'new', server: 'https://10.0.0.2:6443' });
  expect(changed).toMatchObject({ status: 'registered', message: null, server: 'https://10.0.0.2:6443' });
  expect(await readCredential(database, id)).toBe('new');
  await expect(replaceCredential(database, { id: 'con_0', credential: 'new' })).rejects.toMatchObject({
    code: 'notFound',
  });
});
