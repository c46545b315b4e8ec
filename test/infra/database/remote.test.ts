import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { createClient } from '@libsql/client';
import { eq, sql } from 'drizzle-orm';
import { describe, expect, onTestFinished, test } from 'vitest';
import { createConnection, readCredential } from '../../../infra/database/connections.ts';
import type { Database } from '../../../infra/database/database.ts';
import { openDatabase } from '../../../infra/database/database.ts';
import { appendProgress, latestSequence, readProgress } from '../../../infra/database/progress.ts';
import { definitions } from '../../../infra/database/registry/tables.ts';
import { asSelects } from '../../../infra/database/bulk.ts';
import { designs } from '../../../infra/database/schema.ts';
import { createVault } from '../../../infra/secrets/vault.ts';
import { sharedKey, testDatabase } from './database-fixture.ts';
import { expiredStream, startFailingProxy } from './failing-proxy.ts';
import { runProcess } from './processes/run-process.ts';
import { remoteKinds, type RemoteServer } from './remote-servers.ts';

const vault = createVault([sharedKey]);
const entry = { operationId: 'op_1', change: { type: 'operation', state: 'running' } } as const;
const now = new Date().toISOString();

function design(id: string, name = id) {
  return { id, name, revision: 1, createdAt: now, updatedAt: now };
}

const cases = (await remoteKinds()).flatMap(({ name, schemes, start }) =>
  schemes.map((scheme) => ({ title: `${name} over ${scheme}`, scheme, start })),
);

describe.each(cases)('$title', ({ scheme, start }) => {
  const addressOf = ({ url, authToken }: RemoteServer) => ({ url: url.replace('http', scheme), authToken });
  const remoteDatabase = async (): Promise<Database> => testDatabase(addressOf(await start()));

  test('processes that start at once migrate once, and every write of each is kept', async () => {
    const { url, authToken } = addressOf(await start());
    const outputs = await Promise.all(
      [1, 2, 3].map((process) => runProcess('append-progress.ts', [url, `op_${process}`, '30', authToken])),
    );
    expect(outputs).toEqual([30, 30, 30]);
    expect(await latestSequence(await testDatabase({ url, authToken }))).toBe(90);
  });

  test('what was written is there after the server was killed and started again', async () => {
    const server = await start();
    const database = await testDatabase(addressOf(server));
    await appendProgress(database, [entry]);
    await server.process.kill();
    await server.process.start();
    expect(await latestSequence(database)).toBe(1);
  });

  test('a batch that fails halfway writes nothing, and says which key is taken', async () => {
    const database = await remoteDatabase();
    await expect(
      database.write((queries) => [
        queries.insert(designs).values(design('dsn_1')),
        queries.insert(designs).values(design('dsn_1')),
      ]),
    ).rejects.toThrow(/UNIQUE constraint failed/);
    expect(await database.read((queries) => queries.select().from(designs))).toEqual([]);
  });

  test('a failed write does not stop those after it, which run in the order they were asked for', async () => {
    const database = await remoteDatabase();
    const failing = database.write((queries) => [queries.run(sql`insert into missing values (1)`)]);
    const writes = [1, 2, 3].map((position) => appendProgress(database, [{ ...entry, operationId: `op_${position}` }]));
    await expect(failing).rejects.toThrow(/no such table/);
    await Promise.all(writes);
    const entries = await readProgress(database, { after: 0 });
    expect(entries.map(({ operationId }) => operationId)).toEqual(['op_1', 'op_2', 'op_3']);
  });

  test('foreign keys are on, after the migration too', async () => {
    const database = await remoteDatabase();
    await expect(
      database.write((queries) => [
        queries.run(
          sql`insert into model_members (model_id, type, key, digest) values ('none', 'component', 'a', 'none')`,
        ),
      ]),
    ).rejects.toThrow(/FOREIGN KEY constraint failed/);
  });

  test('an update says how many rows it changed', async () => {
    const database = await remoteDatabase();
    await database.write((queries) => [queries.insert(designs).values([design('dsn_1'), design('dsn_2')])]);
    const [some, none] = await database.write((queries) => [
      queries.update(designs).set({ revision: 2 }),
      queries.update(designs).set({ revision: 3 }).where(eq(designs.id, 'none')),
    ]);
    expect([some.rowsAffected, none.rowsAffected]).toEqual([2, 0]);
  });

  test('blobs come back byte for byte, one by one and in bulk', async () => {
    const database = await remoteDatabase();
    const bodies = [
      Buffer.from(Array.from({ length: 256 }, (_, byte) => byte)),
      Buffer.alloc(0),
      randomBytes(3_000_000),
    ];
    const rows = bodies.map((body, index) => ({ digest: `digest-${index}`, body }));
    await database.write((queries) => [queries.insert(definitions).values(rows)]);
    const bulk = rows.map(({ digest, body }) => ({ digest: `bulk-${digest}`, body }));
    for (const source of asSelects(definitions, bulk)) {
      await database.write((queries) => [queries.insert(definitions).select(source)]);
    }
    const stored = await database.read((queries) => queries.select().from(definitions).orderBy(definitions.digest));
    const read = new Map(stored.map(({ digest, body }) => [digest, Buffer.from(body).toString('hex')]));
    for (const { digest, body } of [...rows, ...bulk]) expect(read.get(digest)).toBe(body.toString('hex'));
  });

  test('a sealed credential opens again', async () => {
    const database = await remoteDatabase();
    const { id } = await createConnection(database, {
      name: 'prod',
      server: 'https://127.0.0.1:6443',
      credential: 'a kubeconfig',
    });
    expect(await readCredential(database, id)).toBe('a kubeconfig');
  });

  test('a batch of thousands of statements is written as a whole', async () => {
    const database = await remoteDatabase();
    const rows = Array.from({ length: 3_000 }, (_, index) => design(`dsn_${index}`));
    await database.write((queries) => {
      const [first, ...rest] = rows.map((row) => queries.insert(designs).values(row));
      if (first === undefined) throw new Error('there are rows');
      return [first, ...rest];
    });
    const [counted] = await database.read((queries) => queries.select({ count: sql<number>`count(*)` }).from(designs));
    expect(counted).toEqual({ count: 3_000 });
  });

  test('the full-text indexes are there, find by prefix and forget what is deleted', async () => {
    const database = await remoteDatabase();
    await database.write((queries) => [
      queries.run(
        sql`insert into model_search (rowid, name, description) values (1, 'cert-manager', 'Zertifikate für alle')`,
      ),
      queries.run(sql`insert into model_search (rowid, name, description) values (2, 'istio', 'mesh')`),
    ]);
    const found = (match: string) =>
      database.read((queries) =>
        queries.all<{ rowid: number }>(sql`select rowid from model_search where model_search match ${match}`),
      );
    expect(await found('fur zert*')).toEqual([{ rowid: 1 }]);
    await database.write((queries) => [queries.run(sql`delete from model_search where rowid = 1`)]);
    expect(await found('zert*')).toEqual([]);
  });

  test('a write outlasts another client that holds the write lock for a moment', async () => {
    const server = await start();
    const database = await testDatabase(addressOf(server));
    const client = createClient({ url: server.url, authToken: server.authToken });
    onTestFinished(() => client.close());
    const other = await client.transaction('write');
    await other.execute('select 1');
    const write = appendProgress(database, [entry]);
    await sleep(50);
    await other.commit();
    await write;
    expect(await latestSequence(database)).toBe(1);
  });

  test('a token that the server refuses is told at the start, with the variable to correct', async () => {
    const server = await start();
    for (const authToken of ['wrong', undefined]) {
      const opening = openDatabase({ ...addressOf(server), authToken, vault });
      await expect(opening).rejects.toMatchObject({
        code: 'invalid',
        message: 'the database server refuses the token',
        fix: expect.stringContaining('DATABASE_AUTH_TOKEN'),
      });
    }
  });

  test('work goes on over a server that is away for three seconds', async () => {
    const server = await start();
    const database = await testDatabase(addressOf(server));
    await appendProgress(database, [entry]);
    await server.process.kill();
    const read = latestSequence(database);
    // The client has noticed by then that its connection is broken: a write into it would be lost.
    await sleep(200);
    const work = Promise.all([
      read,
      ...[2, 3, 4].map((position) => appendProgress(database, [{ ...entry, operationId: `op_${position}` }])),
    ]);
    await sleep(3_000);
    await server.process.start();
    await work;
    expect(await latestSequence(database)).toBe(4);
  });

  test('a server that stays away is unavailable, and the database goes on when it is back', async () => {
    const server = await start();
    const database = await testDatabase(addressOf(server));
    await server.process.kill();
    await expect(latestSequence(database)).rejects.toMatchObject({ code: 'unavailable' });
    const writes = Array.from({ length: 50 }, () => appendProgress(database, [entry]));
    for (const outcome of await Promise.allSettled(writes)) {
      expect(outcome).toMatchObject({ status: 'rejected', reason: { code: 'unavailable' } });
    }
    await server.process.start();
    await appendProgress(database, [entry]);
    expect(await latestSequence(database)).toBe(1);
  });
});

/** A database whose requests to the stand-in may be failed. */
async function openBehindProxy() {
  const [standIn] = await remoteKinds();
  if (standIn === undefined) throw new Error('the stand-in is always there');
  const server = await standIn.start();
  const proxy = await startFailingProxy(server.port);
  const database = await testDatabase({ url: proxy.url, authToken: server.authToken });
  return { proxy, database };
}

describe('requests that fail on their way', () => {
  test.each([
    ['a stream that has expired', expiredStream],
    [
      'a transaction that the server gave up',
      { status: 400, body: { message: 'Transaction timed out', code: 'TRANSACTION_TIMEOUT' } },
    ],
  ] as const)('%s is opened again: nothing of it was written', async (_, obstacle) => {
    const { proxy, database } = await openBehindProxy();
    proxy.fail(obstacle, obstacle);
    await appendProgress(database, [entry]);
    expect(await latestSequence(database)).toBe(1);
  });

  test('a read whose answer is lost is asked again', async () => {
    const { proxy, database } = await openBehindProxy();
    await appendProgress(database, [entry]);
    proxy.fail('lose the answer', { status: 502 }, { status: 503 });
    expect(await latestSequence(database)).toBe(1);
  });

  test('a write whose answer is lost is never done twice by itself: it is unavailable', async () => {
    const { proxy, database } = await openBehindProxy();
    proxy.fail('lose the answer');
    await expect(appendProgress(database, [entry])).rejects.toMatchObject({ code: 'unavailable' });
    expect(await latestSequence(database)).toBe(1);
  });

  test.each([
    [401, /DATABASE_AUTH_TOKEN/],
    [403, /DATABASE_AUTH_TOKEN/],
    [404, /DATABASE_URL/],
  ])('status %i in mid-work is unavailable at once and names the variable', async (status, variable) => {
    const { proxy, database } = await openBehindProxy();
    const before = proxy.requests();
    proxy.fail({ status });
    await expect(appendProgress(database, [entry])).rejects.toMatchObject({
      code: 'unavailable',
      fix: expect.stringMatching(variable),
    });
    expect(proxy.requests()).toBe(before + 1);
  });

  test('an error never holds the token', async () => {
    const { proxy, database } = await openBehindProxy();
    proxy.fail({ status: 401 });
    const error: unknown = await latestSequence(database).catch((caught: unknown) => caught);
    for (let cause = error; cause instanceof Error; cause = cause.cause) {
      expect(JSON.stringify(cause, Object.getOwnPropertyNames(cause))).not.toContain('a-token-of-the-stand-in');
    }
  });
});
