import { createHash, randomBytes } from 'node:crypto';
import { sql } from 'drizzle-orm';
import { expect, test } from 'vitest';
import type { ModelMember } from '../../../../domain/registry/model-member.ts';
import { acceptOperation } from '../../../../infra/database/accept-operation.ts';
import type { Database } from '../../../../infra/database/database.ts';
import { finishOperation } from '../../../../infra/database/operations.ts';
import { putAttachment, readAttachment } from '../../../../infra/database/registry/attachments.ts';
import { deleteModel } from '../../../../infra/database/registry/delete-model.ts';
import {
  findReport,
  findSource,
  putReport,
  readReports,
  recordSourceChecked,
} from '../../../../infra/database/registry/sources.ts';
import { publishStaged } from '../../../../infra/database/registry/publish-staged.ts';
import { deleteUpload, findUpload, readUpload, saveUpload } from '../../../../infra/database/registry/uploads.ts';
import { purge } from '../../../../infra/database/retention.ts';
import { testDatabase } from '../database-fixture.ts';
import { beginModel, component, headOf, storeModel } from './registry-fixture.ts';

const mebibyte = 1024 * 1024;

async function* inPieces(content: Buffer, size: number): AsyncGenerator<Buffer> {
  for (let start = 0; start < content.length; start += size) yield content.subarray(start, start + size);
}

async function bytesOf(pieces: AsyncIterable<Buffer>): Promise<Buffer> {
  const read: Buffer[] = [];
  for await (const piece of pieces) {
    expect(piece.length).toBeLessThanOrEqual(mebibyte);
    read.push(piece);
  }
  return Buffer.concat(read);
}

async function count(database: Database, table: string): Promise<number> {
  const [row] = await database.read((queries) =>
    queries.all<{ n: number }>(sql`select count(*) as n from ${sql.identifier(table)}`),
  );
  return row?.n ?? -1;
}

function save(database: Database, content: AsyncIterable<Uint8Array>, maximumBytes = 10 * mebibyte) {
  return saveUpload(database, { fileName: 'models.tgz', actor: 'ann', content, maximumBytes });
}

test.each([0, 1, mebibyte - 1, mebibyte, mebibyte + 1, 3 * mebibyte + 77])(
  'an upload of %d bytes comes back as it was sent, in pieces of 1 MiB',
  async (size) => {
    const database = await testDatabase();
    const content = randomBytes(size);
    for (const piece of [100_000, 5 * mebibyte]) {
      const upload = await save(database, inPieces(content, piece));
      expect(upload).toMatchObject({ fileName: 'models.tgz', size, actor: 'ann' });
      expect(upload.digest).toBe(createHash('sha256').update(content).digest('hex'));
      expect(await findUpload(database, upload.id)).toEqual(upload);
      expect((await bytesOf(readUpload(database, upload.id))).equals(content)).toBe(true);
      await deleteUpload(database, upload.id);
      expect(await count(database, 'upload_chunks')).toBe(0);
    }
  },
);

test('an upload that is too large, or breaks off, leaves nothing', async () => {
  const database = await testDatabase();
  const content = randomBytes(3 * mebibyte);
  await expect(save(database, inPieces(content, 65_536), 2 * mebibyte)).rejects.toMatchObject({ code: 'tooLarge' });
  async function* broken(): AsyncGenerator<Buffer> {
    yield* inPieces(content, 65_536);
    throw new Error('the connection is gone');
  }
  await expect(save(database, broken())).rejects.toThrow('the connection is gone');
  expect(await count(database, 'uploads')).toBe(0);
  expect(await count(database, 'upload_chunks')).toBe(0);
});

test('an upload that is still coming is not there', async () => {
  const database = await testDatabase();
  let id = '';
  async function* watched(): AsyncGenerator<Buffer> {
    yield Buffer.alloc(mebibyte);
    const [row] = await database.read((queries) => queries.all<{ id: string }>(sql`select id from uploads`));
    id = row?.id ?? '';
    expect(await findUpload(database, id)).toBeUndefined();
    await expect(readUpload(database, id).next()).rejects.toMatchObject({ code: 'notFound' });
  }
  await save(database, watched());
  expect(await findUpload(database, id)).toBeDefined();
});

const chart = randomBytes(2 * mebibyte + 5);

async function storeWithChart(database: Database, name: string): Promise<string> {
  const { digest, size } = await putAttachment(database, chart);
  const attachment: ModelMember = {
    type: 'attachment',
    definition: { name: 'charts/a.tgz', mediaType: 'application/gzip', digest, size },
  };
  await storeModel(database, { head: headOf({ name }), members: [attachment, component('Thing')] });
  return digest;
}

/** Makes everything look as if it had been stored long ago. */
async function ageEverything(database: Database): Promise<void> {
  const longAgo = '2020-01-01T00:00:00.000Z';
  await database.write((queries) => [
    queries.run(sql`update attachments set used_at = ${longAgo}`),
    queries.run(sql`update uploads set created_at = ${longAgo}`),
    queries.run(sql`update models set created_at = ${longAgo}`),
  ]);
}

const before = { finishedBefore: '2020-01-01T00:00:00.000Z' };

test('a file is stored once whatever carries it, and goes when nothing has for a day', async () => {
  const database = await testDatabase();
  const digest = await storeWithChart(database, 'one');
  expect(await storeWithChart(database, 'two')).toBe(digest);
  expect(await count(database, 'attachment_chunks')).toBe(3);
  expect((await bytesOf(readAttachment(database, digest))).equals(chart)).toBe(true);

  await deleteModel(database, { model: 'one' });
  await ageEverything(database);
  expect(await purge(database, before)).toMatchObject({ attachments: 0 });
  await deleteModel(database, { model: 'two' });
  await putAttachment(database, chart);
  expect(await purge(database, before)).toMatchObject({ attachments: 0 });
  await ageEverything(database);
  expect(await purge(database, before)).toMatchObject({ attachments: 1 });
  expect(await count(database, 'attachment_chunks')).toBe(0);
  await expect(readAttachment(database, digest).next()).rejects.toMatchObject({ code: 'notFound' });
});

test('a file that was not stored cannot be carried', async () => {
  const database = await testDatabase();
  const definition = { name: 'a.tgz', mediaType: 'application/gzip', digest: '0'.repeat(64), size: 1 };
  const model = await beginModel(database, { head: headOf({ name: 'one' }) });
  await model.add([{ type: 'attachment', definition }]);
  await expect(model.seal()).rejects.toMatchObject({ code: 'unavailable' });
});

test('old uploads go, but those that a run still reads', async () => {
  const database = await testDatabase();
  const idle = await save(database, inPieces(chart, mebibyte));
  const wanted = await save(database, inPieces(chart, mebibyte));
  await ageEverything(database);
  const young = await save(database, inPieces(chart, mebibyte));
  const operation = await acceptOperation(database, {
    kind: 'modelGeneration',
    actor: 'ann',
    options: { sources: [{ kind: 'upload', uploadId: wanted.id }] },
  });
  expect(await purge(database, before)).toMatchObject({ uploads: 1 });
  expect(await findUpload(database, idle.id)).toBeUndefined();
  expect(await findUpload(database, wanted.id)).toBeDefined();
  await finishOperation(database, { id: operation.id, state: 'succeeded' });
  expect(await purge(database, before)).toMatchObject({ uploads: 1 });
  expect(await findUpload(database, young.id)).toBeDefined();
});

test('what a run that has ended left staged goes, and what one stages that goes on stays', async () => {
  const database = await testDatabase();
  const accept = () => acceptOperation(database, { kind: 'modelGeneration', actor: 'ann', options: { sources: [] } });
  const [ended, open] = [await accept(), await accept()];
  for (const { id } of [ended, open]) {
    const model = await beginModel(database, { operationId: id, head: headOf({ name: id.replace('_', '-') }) });
    await model.add([component(`Of${id}`)]);
    await model.seal();
  }
  await finishOperation(database, { id: ended.id, state: 'cancelled' });
  expect(await purge(database, before)).toMatchObject({ stages: 0 });
  await ageEverything(database);
  expect(await purge(database, before)).toMatchObject({ stages: 1 });
  expect(await count(database, 'definitions')).toBe(1);
  expect(await publishStaged(database, { operationId: open.id, position: 0 })).toHaveLength(1);
});

test('what is known of a source says when it was looked at, and when it last brought something', async () => {
  const database = await testDatabase();
  const source = { kind: 'url', url: 'https://example.io/models.csv' } as const;
  const publish = async (operationId: string, etag: string) => {
    const place = { operationId, position: 0 };
    const model = await beginModel(database, { ...place, head: headOf({ name: 'one' }) });
    await model.add([component('Thing')]);
    await model.seal();
    await publishStaged(database, { ...place, sourceState: { key: 'k', source, label: source.url, state: { etag } } });
    return findSource(database, 'k');
  };
  await recordSourceChecked(database, { key: 'k' });
  expect(await findSource(database, 'k')).toBeUndefined();
  const first = await publish('op_1', '"1"');
  expect(first).toMatchObject({ source, state: { etag: '"1"' }, operationId: 'op_1', position: 0 });
  const second = await publish('op_2', '"2"');
  expect(second).toMatchObject({ state: { etag: '"2"' }, operationId: 'op_2', changedAt: first?.changedAt });
  await recordSourceChecked(database, { key: 'k', state: { etag: '"3"' } });
  expect(await findSource(database, 'k')).toMatchObject({ state: { etag: '"3"' }, operationId: 'op_2' });
});

function reportOf(position: number, outcome: 'stored' | 'failed') {
  return {
    position,
    source: `source ${position}`,
    outcome,
    modelCount: 0,
    componentCount: 0,
    models: [],
    findings: [],
  };
}

test('reports are read in the order of the sources, the last one of each', async () => {
  const database = await testDatabase();
  const { id: operationId } = await acceptOperation(database, {
    kind: 'modelGeneration',
    actor: 'ann',
    options: { sources: [] },
  });
  for (const [position, outcome] of [
    [2, 'stored'],
    [0, 'failed'],
    [1, 'stored'],
    [0, 'stored'],
  ] as const) {
    await putReport(database, { operationId, report: reportOf(position, outcome) });
  }
  const reports = await readReports(database, { operationId });
  expect(reports.map(({ position, outcome }) => [position, outcome])).toEqual([
    [0, 'stored'],
    [1, 'stored'],
    [2, 'stored'],
  ]);
  expect(await readReports(database, { operationId, after: 1 })).toHaveLength(1);
  expect(await findReport(database, { operationId, position: 1 })).toEqual(reportOf(1, 'stored'));
  expect(await findReport(database, { operationId, position: 9 })).toBeUndefined();
});
