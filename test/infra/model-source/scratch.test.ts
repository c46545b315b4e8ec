import { spawnSync } from 'node:child_process';
import { mkdir, readdir, stat, utimes, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { sweepScratch, withScratch } from '../../../infra/model-source/scratch.ts';
import { temporaryFolder } from './scratch-folder.ts';

const host = hostname()
  .replaceAll(/[^a-zA-Z0-9]+/g, '_')
  .slice(0, 40);

test('the folder is private, each path in it new, and all of it gone afterwards', async () => {
  const home = await temporaryFolder();
  const result = await withScratch(home, 'oci://a/b', async ({ folder, newPath }) => {
    expect((await stat(folder)).mode & 0o777).toBe(0o700);
    const paths = [newPath(), newPath()];
    expect(new Set(paths).size).toBe(2);
    for (const path of paths) await mkdir(path);
    await writeFile(join(paths[0] ?? '', 'file'), 'text');
    return 'done';
  });
  expect(result).toBe('done');
  expect(await readdir(join(home, 'scratch'))).toEqual([]);
});

test('work that fails leaves nothing', async () => {
  const home = await temporaryFolder();
  const work = withScratch(home, 'a', async ({ newPath }) => {
    await writeFile(newPath(), 'text');
    throw new Error('broken');
  });
  await expect(work).rejects.toThrow('broken');
  expect(await readdir(join(home, 'scratch'))).toEqual([]);
});

test('a sweep removes what ended processes left, and nothing of those that run', async () => {
  const home = await temporaryFolder();
  const scratch = join(home, 'scratch');
  const { pid } = spawnSync(process.execPath, ['--version']);
  const dayAndMore = new Date(Date.now() - 25 * 60 * 60 * 1_000);
  const left = [
    `${host}.${pid}.1.oci.aaaaaa`,
    `${host}.${process.pid}.1.earlierProcess.aaaaaa`,
    'nonsense',
    'other.1.1.old.a',
  ];
  for (const name of [...left, 'other.1.1.new.a']) {
    await mkdir(join(scratch, name), { recursive: true });
    await writeFile(join(scratch, name, '1'), 'text');
  }
  for (const name of left.slice(2)) await utimes(join(scratch, name), dayAndMore, dayAndMore);
  await withScratch(home, 'mine', async ({ folder }) => {
    await sweepScratch(home);
    expect(await readdir(scratch)).toHaveLength(2);
    expect((await stat(folder)).isDirectory()).toBe(true);
  });
  expect(await readdir(scratch)).toEqual(['other.1.1.new.a']);
});

test('there may be nothing to sweep', async () => {
  await expect(sweepScratch(await temporaryFolder())).resolves.toBeUndefined();
});
