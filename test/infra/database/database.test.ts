import { once } from 'node:events';
import { mkdir, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createClient } from '@libsql/client';
import { sql } from 'drizzle-orm';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { expect, onTestFinished, test } from 'vitest';
import { openDatabase } from '../../../infra/database/database.ts';
import { appendProgress, latestSequence, readProgress } from '../../../infra/database/progress.ts';
import { designs, operations } from '../../../infra/database/schema.ts';
import { createVault } from '../../../infra/secrets/vault.ts';
import { sharedKey, storeDesign, temporaryFolder, testDatabase } from './database-fixture.ts';
import { runProcess, startProcess } from './processes/run-process.ts';

const vault = createVault([sharedKey]);
const entry = { operationId: 'op_1', change: { type: 'operation', state: 'running' } } as const;

async function fileUrl(): Promise<string> {
  return `file:${join(await temporaryFolder(), 'data', 'slipway.db')}`;
}

test('the file and its folder are made, for their owner only', async () => {
  const url = await fileUrl();
  await testDatabase({ url });
  const file = url.slice('file:'.length);
  for (const path of [file, `${file}-wal`]) expect((await stat(path)).mode & 0o777).toBe(0o600);
  expect((await stat(join(file, '..'))).mode & 0o777).toBe(0o700);
});

test('a path with spaces and percent signs names that very file', async () => {
  const file = join(await temporaryFolder(), 'my 100% data', 'slip way.db');
  await testDatabase({ url: `file:${encodeURI(file)}` });
  expect((await stat(file)).isFile()).toBe(true);
});

test('what was written is there after the database is opened again', async () => {
  const url = await fileUrl();
  const first = await openDatabase({ url, vault });
  const { id } = await storeDesign(first);
  await first.close();
  const again = await testDatabase({ url });
  const rows = await again.read((queries) => queries.select({ id: designs.id }).from(designs));
  expect(rows).toEqual([{ id }]);
});

test('foreign keys are on and the journal is a write-ahead log', async () => {
  const database = await testDatabase({ url: await fileUrl() });
  const pragma = (name: string) => database.read((queries) => queries.all(sql.raw(`pragma ${name}`)));
  expect(await pragma('foreign_keys')).toEqual([{ foreign_keys: 1 }]);
  expect(await pragma('journal_mode')).toEqual([{ journal_mode: 'wal' }]);
});

test('a batch that fails halfway writes nothing', async () => {
  const database = await testDatabase();
  const now = new Date().toISOString();
  const row = { id: 'dsn_1', name: 'shop', revision: 1, createdAt: now, updatedAt: now };
  await expect(
    database.write((queries) => [queries.insert(designs).values(row), queries.insert(designs).values(row)]),
  ).rejects.toThrow(/UNIQUE/);
  expect(await database.read((queries) => queries.select().from(designs))).toEqual([]);
});

test('a failed write does not stop those after it, which run in the order they were asked for', async () => {
  const database = await testDatabase();
  const failing = database.write((queries) => [queries.run(sql`insert into missing values (1)`)]);
  const writes = [1, 2, 3].map((position) => appendProgress(database, [{ ...entry, operationId: `op_${position}` }]));
  await expect(failing).rejects.toThrow(/no such table/);
  await Promise.all(writes);
  const entries = await readProgress(database, { after: 0 });
  expect(entries.map(({ operationId }) => operationId)).toEqual(['op_1', 'op_2', 'op_3']);
});

test('an error never quotes the values of the query', async () => {
  const database = await testDatabase();
  const error: unknown = await database
    .read((queries) => queries.all(sql`select ${'a secret'} from missing`))
    .catch((caught: unknown) => caught);
  expect(String(error)).toMatch(/no such table/);
  expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('a secret');
});

test('closing waits for the writes under way, and later calls are refused as unavailable', async () => {
  const url = await fileUrl();
  const database = await openDatabase({ url, vault });
  const write = appendProgress(database, [entry]);
  await database.close();
  await write;
  await expect(latestSequence(database)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await latestSequence(await testDatabase({ url }))).toBe(1);
});

test('processes that start at once migrate once, and every write of each is kept', async () => {
  const url = await fileUrl();
  const outputs = await Promise.all(
    [1, 2, 3].map((process) => runProcess('append-progress.ts', [url, `op_${process}`, '100'])),
  );
  expect(outputs).toEqual([100, 100, 100]);
  expect(await latestSequence(await testDatabase({ url }))).toBe(300);
});

test('a write outlasts another process that holds the lock for longer than the busy timeout', async () => {
  const url = await fileUrl();
  const database = await testDatabase({ url });
  const holder = startProcess('hold-lock.ts', [url]);
  if (holder.stdout === null || holder.stdin === null) throw new Error('the process has no pipes');
  await once(holder.stdout, 'data');

  const write = appendProgress(database, [entry]);
  // Its first try has failed by the time this timer is served: the wait for the lock blocks the event loop.
  await new Promise((resolve) => setTimeout(resolve, 10));
  holder.stdin.end();
  await write;
  expect(await latestSequence(database)).toBe(1);
  await appendProgress(database, [entry]);
  expect(await latestSequence(database)).toBe(2);
});

test('operations that an older version accepted for others name them from now on', async () => {
  const url = await fileUrl();
  await mkdir(dirname(fileURLToPath(url)));
  const client = createClient({ url });
  onTestFinished(() => client.close());
  const older = readMigrationFiles({ migrationsFolder: 'infra/database/migrations' }).slice(0, 4);
  await client.execute('create table schema_migrations (made_at integer primary key, hash text, applied_at text)');
  for (const { folderMillis, sql: statements } of older) {
    await client.migrate([`insert into schema_migrations values (${folderMillis}, '', '')`, ...statements]);
  }
  const accepted = [
    ['op_1', 'dep_1'],
    ['op_1-dep_2', 'dep_2'],
    ['op_1-dep_2-dep_3', 'dep_3'],
    ['op_2', null],
  ] as const;
  for (const [id, deploymentId] of accepted) {
    await client.execute({
      sql: `insert into operations (id, deployment_id, kind, state, actor, workflow_id, options, progress, findings, created_at)
        values (?, ?, 'deploy', 'queued', 'ann', '', '{}', '{}', '[]', '')`,
      args: [id, deploymentId],
    });
  }
  const database = await testDatabase({ url });
  const { id, acceptedFor } = operations;
  const rows = await database.read((queries) => queries.select({ id, acceptedFor }).from(operations).orderBy(id));
  expect(rows).toEqual([
    { id: 'op_1', acceptedFor: null },
    { id: 'op_1-dep_2', acceptedFor: 'op_1' },
    { id: 'op_1-dep_2-dep_3', acceptedFor: 'op_1-dep_2' },
    { id: 'op_2', acceptedFor: null },
  ]);
});

test('a database of a newer version is refused and left as it is', async () => {
  const url = await fileUrl();
  await (await openDatabase({ url, vault })).close();
  const client = createClient({ url });
  onTestFinished(() => client.close());
  await client.execute("insert into schema_migrations values (9999999999999, 'hash', '2026-01-01T00:00:00Z')");
  await expect(openDatabase({ url, vault })).rejects.toMatchObject({ code: 'unsupported' });
});

test('a path that cannot be a database file is refused, with the setting to change', async () => {
  const folder = await temporaryFolder();
  await writeFile(join(folder, 'file'), '');
  await expect(openDatabase({ url: `file:${folder}/file/slipway.db`, vault })).rejects.toMatchObject({
    code: 'invalid',
    fix: expect.stringMatching(/DATABASE_URL/),
  });
});

test('a file that is no database is refused and left as it is', async () => {
  const file = join(await temporaryFolder(), 'notes.txt');
  await writeFile(file, 'these are my notes, and no database at all\n'.repeat(100));
  await expect(openDatabase({ url: `file:${file}`, vault })).rejects.toThrow(/not a database/);
  expect((await stat(file)).size).toBe(4_300);
});

test('a server that does not answer is unavailable', async () => {
  await expect(openDatabase({ url: 'http://127.0.0.1:1', vault })).rejects.toMatchObject({ code: 'unavailable' });
});
