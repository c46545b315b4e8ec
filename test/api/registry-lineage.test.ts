import { expect, test } from 'vitest';
import { z } from 'zod';
import { createTestApi, json, problemOf, type TestApi } from './api-fixture.ts';
import { component, deployDoor, newLocks, oldLocks, storeModel } from './registry-fixture.ts';

const lineageSchema = z.looseObject({ instance: z.looseObject({}), origins: z.array(z.looseObject({})) });

async function lineage({ request }: Pick<TestApi, 'request'>, connection: string) {
  const answer = await request(`/v1/lineage?connection=${connection}&kind=Door&namespace=home&name=front`);
  expect(answer.status).toBe(200);
  return lineageSchema.parse(await answer.json());
}

test('an object leads back to its deployment, its declaration, its definition and its schema', async () => {
  const api = await createTestApi();
  await storeModel(api.database, oldLocks);
  await storeModel(api.database, newLocks);
  const { name, connection, design, deployment } = await deployDoor(api, 'locks@v1.0.0');
  const traced = await lineage(api, connection);
  expect(traced).toMatchObject({
    instance: { kind: 'Door', apiVersion: 'locks.example/v1', namespace: 'home', name: 'front', connection: { name } },
    origins: [
      {
        link: 'recorded',
        uid: 'uid-of-front',
        state: 'ready',
        created: true,
        deployment: { id: deployment, state: 'live' },
        declaration: { designId: design, designName: name, revision: 1, component: 'front' },
        definition: {
          link: 'declared',
          address: 'locks@v1.0.0/Door@locks.example/v1',
          model: 'locks@v1.0.0',
          revision: 1,
          digest: expect.stringMatching(/^[0-9a-f]{64}$/),
          others: [],
        },
      },
    ],
  });
  const door = await api.request(`/v1/components/${encodeURIComponent('locks@v1.0.0/Door@locks.example/v1')}`);
  const { digest, schemaDigest } = z.looseObject({}).parse(await door.json());
  expect(traced.origins).toMatchObject([{ definition: { digest, schemaDigest } }]);
});

test('how sure a definition is, is said: the model only, the only model with the kind, one of several, none', async () => {
  const api = await createTestApi();
  const unnamed = await deployDoor(api);
  expect((await lineage(api, unnamed.connection)).origins).toMatchObject([{ definition: null }]);
  await storeModel(api.database, oldLocks);
  await storeModel(api.database, newLocks);
  expect((await lineage(api, unnamed.connection)).origins).toMatchObject([
    { definition: { link: 'matched', model: 'locks@v2.0.0' } },
  ]);
  const named = await deployDoor(api, 'locks');
  expect((await lineage(api, named.connection)).origins).toMatchObject([{ definition: { link: 'latest' } }]);
  await storeModel(api.database, { name: 'doors', version: '1', members: [component('Door', 'locks.example/v1')] });
  expect((await lineage(api, unnamed.connection)).origins).toMatchObject([
    { definition: { link: 'ambiguous', others: [expect.stringContaining('/Door@locks.example/v1')] } },
  ]);
});

test('the version that a design names is still its definition when it is disabled', async () => {
  const api = await createTestApi();
  await storeModel(api.database, oldLocks);
  await api.request('/v1/models/locks', json('PATCH', { status: 'disabled' }));
  const { connection } = await deployDoor(api, 'locks@v1.0.0');
  expect((await lineage(api, connection)).origins).toMatchObject([{ definition: { link: 'declared' } }]);
});

test('what no deployment owns has no lineage, and the API version that it is known by is told', async () => {
  const api = await createTestApi();
  const { connection } = await deployDoor(api);
  const ask = (query: string) => api.request(`/v1/lineage?connection=${connection}&${query}`);
  expect(await problemOf(await ask('kind=Door&name=front'))).toMatchObject({ status: 404 });
  const other = await problemOf(await ask('kind=Door&name=front&namespace=home&apiVersion=locks.example/v2'));
  expect(other).toMatchObject({ status: 404, fix: expect.stringContaining('locks.example/v1') });
  expect(await problemOf(await ask('kind=Door'))).toMatchObject({ status: 400 });
  expect((await api.request('/v1/lineage?connection=nowhere&kind=Door&name=front')).status).toBe(404);
});
