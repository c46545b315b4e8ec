import { stat, writeFile, readdir, mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadMasterKey } from '../../../infra/secrets/master-key.ts';
import { temporaryFolder } from '../database/database-fixture.ts';
import { runProcess } from '../database/processes/run-process.ts';

const key = Buffer.alloc(32, 5);

test('the key file is made on first use, for its owner only, and read from then on', async () => {
  const folder = await temporaryFolder();
  const file = join(folder, 'home', 'master.key');
  const [made] = await loadMasterKey({ file });
  expect(made).toHaveLength(32);
  expect((await stat(file)).mode & 0o777).toBe(0o600);
  expect(await loadMasterKey({ file })).toEqual([made]);
  expect(await readdir(join(folder, 'home'))).toEqual(['master.key']);
});

test('processes that start at once agree on one key', async () => {
  const file = join(await temporaryFolder(), 'master.key');
  const keys = await Promise.all(Array.from({ length: 4 }, () => runProcess('load-master-key.ts', [file])));
  expect(new Set(keys.map((found) => JSON.stringify(found))).size).toBe(1);
});

test('the environment wins over the file, in base64 or hex, with older keys after the newest', async () => {
  const file = join(await temporaryFolder(), 'master.key');
  const older = Buffer.alloc(32, 6);
  const env = `${key.toString('base64')},${older.toString('hex')}`;
  expect(await loadMasterKey({ file, env })).toEqual([key, older]);
  await expect(stat(file)).rejects.toThrow(/ENOENT/);
});

test('a file may hold several keys, one a line', async () => {
  const file = join(await temporaryFolder(), 'master.key');
  await writeFile(file, `${key.toString('hex')}\n${Buffer.alloc(32, 6).toString('base64')}\n`);
  expect(await loadMasterKey({ file })).toEqual([key, Buffer.alloc(32, 6)]);
});

test.each(['', 'secret', 'c2hvcnQ='])('a key file that holds %j is refused with the way to make one', async (text) => {
  const file = join(await temporaryFolder(), 'master.key');
  await writeFile(file, text);
  await expect(loadMasterKey({ file })).rejects.toMatchObject({
    code: 'invalid',
    fix: expect.stringMatching(/openssl/),
  });
});

test('a folder in place of the file is an error, not a new key', async () => {
  const file = join(await temporaryFolder(), 'master.key');
  await mkdir(file);
  await expect(loadMasterKey({ file })).rejects.toThrow(/EISDIR/);
});
