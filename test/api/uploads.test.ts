import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { readUpload } from '../../infra/database/registry/uploads.ts';
import { createTestApi, problemOf, serveTestApi, token } from './api-fixture.ts';

const uploadSchema = z.object({ id: z.string(), fileName: z.string(), size: z.number(), digest: z.string() });
const mebibyte = 1024 * 1024;

function upload(body: NonNullable<RequestInit['body']>, fileName = 'crds.yaml'): [string, RequestInit] {
  const headers = { 'content-type': 'application/octet-stream' };
  return [`/v1/uploads?fileName=${encodeURIComponent(fileName)}`, { method: 'POST', body, headers }];
}

test('a file is kept piece by piece, and is the same when it is read', async () => {
  const { url, database } = await serveTestApi();
  const pieces = Array.from({ length: 7 }, (_, index) => Buffer.alloc(mebibyte / 2 + index, index));
  const stream = ReadableStream.from(pieces);
  const [path, init] = upload(stream);
  const headers = {
    authorization: `Bearer ${token}`,
    'idempotency-key': 'once',
    'content-type': 'application/octet-stream',
  };
  const response = await fetch(`${url}${path}`, { ...init, headers, duplex: 'half' });
  expect(response.status).toBe(201);
  const { id, ...stored } = uploadSchema.parse(await response.json());
  const whole = Buffer.concat(pieces);
  const digest = createHash('sha256').update(whole).digest('hex');
  expect(stored).toEqual({ fileName: 'crds.yaml', size: whole.length, digest });
  expect(Buffer.compare(Buffer.concat(await Array.fromAsync(readUpload(database, id))), whole)).toBe(0);
});

test('an upload can be looked at and forgotten', async () => {
  const { request } = await createTestApi();
  const { id } = uploadSchema.parse(await (await request(...upload('a: 1'))).json());
  expect((await request(`/v1/uploads/${id}`)).status).toBe(200);
  expect((await request(`/v1/uploads/${id}`, { method: 'DELETE' })).status).toBe(204);
  expect((await problemOf(await request(`/v1/uploads/${id}`))).code).toBe('notFound');
});

test('what is empty, nameless or too large is refused, and nothing is kept', async () => {
  const { request } = await createTestApi();
  expect((await problemOf(await request(...upload('')))).status).toBe(400);
  expect((await problemOf(await request(...upload('a', 'folder/file.yaml')))).status).toBe(400);
  const [path, init] = upload('a');
  const tooLarge = { ...init, headers: { ...init.headers, 'content-length': String(300 * mebibyte) } };
  expect((await problemOf(await request(path, tooLarge))).status).toBe(413);
});
