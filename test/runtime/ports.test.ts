import { readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isPortFree, openPortBook } from '../../infra/runtime/ports.ts';
import { temporaryFolder } from './temporary-folder.ts';

async function portFile(): Promise<string> {
  return join(await temporaryFolder(), 'ports.json');
}

test('a name gets the same port at the next start', async () => {
  const file = await portFile();
  const first = await (await openPortBook(file)).claim('api');
  expect(await (await openPortBook(file)).claim('api')).toBe(first);
});

test('a remembered port that somebody else took is replaced by a free one', async () => {
  const file = await portFile();
  const first = await (await openPortBook(file)).claim('api');
  const squatter = createServer();
  await new Promise<void>((resolve) => squatter.listen(first, '127.0.0.1', resolve));
  const second = await (await openPortBook(file)).claim('api');
  expect(second).not.toBe(first);
  expect(await isPortFree(second)).toBe(true);
  squatter.close();
});

test('two names never share a port, even when the file says so', async () => {
  const file = await portFile();
  await writeFile(file, JSON.stringify({ api: 20_500, ui: 20_500 }));
  const book = await openPortBook(file);
  expect(await book.claim('api')).not.toBe(await book.claim('ui'));
});

test('a broken file of ports is replaced, not fatal', async () => {
  const file = await portFile();
  await writeFile(file, '{"api": 20');
  const port = await (await openPortBook(file)).claim('api');
  expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ api: port });
});
