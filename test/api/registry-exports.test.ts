import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { list } from 'tar';
import { expect, test } from 'vitest';
import { modelMemberSchema } from '../../domain/registry/model-member.ts';
import { putAttachment } from '../../infra/database/registry/attachments.ts';
import { createTestApi, problemOf, temporaryFolder } from './api-fixture.ts';
import { component, newLocks, oldLocks, storeModel } from './registry-fixture.ts';

/** The files of a tar with their contents. */
async function filesOf(bytes: Uint8Array): Promise<ReadonlyMap<string, Buffer>> {
  const files = new Map<string, Buffer>();
  const parser = list({
    onReadEntry: (entry) => {
      const chunks: Buffer[] = [];
      entry.on('data', (chunk: Buffer) => chunks.push(chunk));
      entry.on('end', () => files.set(entry.path, Buffer.concat(chunks)));
    },
  });
  await new Promise((done) => {
    parser.once('end', done);
    parser.end(Buffer.from(bytes));
  });
  return files;
}

async function bytesOf(answer: Response): Promise<Buffer> {
  expect(answer.status).toBe(200);
  return Buffer.from(await answer.arrayBuffer());
}

test('a package holds every definition and file of a model, is the same each time, and is not sent to who has it', async () => {
  const { request, database } = await createTestApi();
  const chart = Buffer.from('the chart itself');
  const stored = await putAttachment(database, chart);
  const definition = { name: 'charts/locks.tgz', mediaType: 'application/gzip', ...stored };
  const attachment = modelMemberSchema.parse({ type: 'attachment', definition });
  await storeModel(database, { ...oldLocks, members: [...oldLocks.members, attachment] });
  const answer = await request('/v1/models/locks/export');
  expect(answer.headers.get('content-disposition')).toBe('attachment; filename="locks-v1.0.0.tar.gz"');
  expect(answer.headers.get('content-type')).toBe('application/gzip');
  const bytes = await bytesOf(answer);
  const files = await filesOf(gunzipSync(bytes));
  expect([...files.keys()].filter((path) => path.endsWith('model.json'))).toEqual(['locks/v1.0.0/v1.0.0/model.json']);
  expect(files.get('locks/v1.0.0/v1.0.0/charts/locks.tgz')).toEqual(chart);
  expect(files.size).toBe(8);
  expect(await bytesOf(await request('/v1/models/locks@v1.0.0/export?format=package'))).toEqual(bytes);
  const headers = { 'if-none-match': answer.headers.get('etag') ?? '' };
  const again = await request('/v1/models/locks/export', { headers });
  expect([again.status, await again.text()]).toEqual([304, '']);
  await storeModel(database, { ...oldLocks, members: oldLocks.members.slice(1) });
  expect((await request('/v1/models/locks/export', { headers })).status).toBe(200);
  const head = await request('/v1/models/locks/export', { method: 'HEAD' });
  expect([head.status, await head.text()]).toEqual([200, '']);
  expect(head.headers.get('etag')).toMatch(/^"[0-9a-f]{64}"$/);
});

test.each(['docker', 'oci'])(
  'an image file of the %s layout carries the package, and nothing is left on disk',
  async (layout) => {
    const home = await temporaryFolder();
    const { request, database } = await createTestApi({ config: { home } });
    await storeModel(database, oldLocks);
    const packed = await bytesOf(await request('/v1/models/locks/export'));
    const answer = await request(`/v1/models/locks/export?format=image&layout=${layout}`);
    expect(answer.headers.get('content-disposition')).toContain('locks-v1.0.0-image.tar');
    const files = await filesOf(await bytesOf(answer));
    const digests = [...files.values()].map((content) => createHash('sha256').update(content).digest('hex'));
    expect(digests).toContain(createHash('sha256').update(packed).digest('hex'));
    expect(await readdir(join(home, 'scratch'))).toEqual([]);
  },
);

test('sheets have a row for each model, component or relationship, quoted as CSV asks for it', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, { ...oldLocks, model: { ...oldLocks.model, description: '=1+1, "quoted"\nand more' } });
  const sheet = async (kind: string) =>
    (await bytesOf(await request(`/v1/models/locks/export?format=csv&sheet=${kind}`))).toString().split('\r\n');
  const [header, row] = await sheet('models');
  expect(header).toMatch(/^registrant,modelDisplayName,model,category,/);
  expect(row).toMatch(/^upload,Locks,locks,Security & Compliance,,"'=1\+1, ""quoted""\nand more",/);
  expect(await sheet('components')).toHaveLength(5);
  const relationships = await sheet('relationships');
  expect(relationships[1]).toMatch(/^locks,v1\.0\.0,edge,non-binding,reference,/);
});

test('JSON is one array of the documents that a package holds', async () => {
  const { request, database } = await createTestApi();
  await storeModel(database, oldLocks);
  const documents: unknown = JSON.parse(
    (await bytesOf(await request('/v1/models/locks/export?format=json'))).toString(),
  );
  expect(documents).toHaveLength(7);
  expect(documents).toMatchObject([
    { schemaVersion: expect.stringContaining('models.meshery.io'), name: 'locks' },
    ...Array.from({ length: 6 }, () => ({})),
  ]);
});

test('the whole registry is one file with the latest version of each model, or of those that are asked for', async () => {
  const { request, database } = await createTestApi();
  expect(JSON.parse((await bytesOf(await request('/v1/registry/export?format=json'))).toString())).toEqual([]);
  await storeModel(database, oldLocks);
  await storeModel(database, newLocks);
  await storeModel(database, {
    name: 'alpha',
    version: '1',
    members: [component('Alpha', 'v1')],
    model: { category: 'Database' },
  });
  const modelsIn = async (query: string) => {
    const answer = await request(`/v1/registry/export${query}`);
    const files = await filesOf(gunzipSync(await bytesOf(answer)));
    return [...files.keys()].filter((path) => path.endsWith('/model.json'));
  };
  expect(await modelsIn('')).toEqual(['alpha/1/v1.0.0/model.json', 'locks/v2.0.0/v1.0.0/model.json']);
  expect(await modelsIn('?category=Database')).toEqual(['alpha/1/v1.0.0/model.json']);
  expect(await problemOf(await request('/v1/registry/export?format=word'))).toMatchObject({ status: 400 });
});
