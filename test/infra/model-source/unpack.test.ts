import { Buffer } from 'node:buffer';
import { randomBytes } from 'node:crypto';
import { appendFile, readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { registryLimits } from '../../../domain/registry/limits.ts';
import type { ArchiveLimits } from '../../../infra/design-source/archive-files.ts';
import type { SourceTree } from '../../../infra/model-source/source-tree.ts';
import { unpackInto } from '../../../infra/model-source/unpack.ts';
import { tar, type TarEntry } from '../design-source/tar.ts';
import { zip } from '../design-source/zip.ts';
import { temporaryFolder, testScratch } from './scratch-folder.ts';

const samples = join(import.meta.dirname, '../../fixtures/designs/meshery__meshkit/files/tests/samples');

async function unpack(bytes: Uint8Array, name = 'upload', limits?: ArchiveLimits): Promise<SourceTree> {
  const file = join(await temporaryFolder(), 'packed');
  await writeFile(file, bytes);
  const scratch = await testScratch();
  return unpackInto({ file, name }, { scratch, ...(limits === undefined ? {} : { limits }) });
}

async function refusal(bytes: Uint8Array, limits?: ArchiveLimits) {
  const error: unknown = await unpack(bytes, 'upload', limits).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ code: 'invalid', findings: [{ severity: 'error' }] });
  return error;
}

/** A packed tar with 40 files. */
const many = (name: string) => ({
  path: name,
  content: gzipSync(tar(Array.from({ length: 40 }, (_, index) => ({ path: `${index}` })))),
});

/** A layer in which two files have the same content. */
const layer = (content: string, path: string) =>
  gzipSync(
    tar([
      { path: 'a', content },
      { path, content },
    ]),
  );

const paths = (tree: SourceTree) => tree.files.map(({ path }) => path);
const textOf = async (tree: SourceTree, path: string) => Buffer.from(await tree.read(path)).toString();

describe('a packed source becomes a tree', () => {
  const entries: readonly TarEntry[] = [
    { path: './b/', type: 'Directory' },
    { path: './b/two.yaml', content: 'two' },
    { path: 'a.yaml', content: 'one' },
    { path: 'b/empty' },
  ];
  const zipped = entries
    .filter(({ type }) => type === undefined)
    .map(({ path, content = '' }) => ({ path, content: Buffer.from(content) }));

  test.each([
    ['tar', tar(entries)],
    ['tar.gz', gzipSync(tar(entries))],
    ['zip', zip(zipped)],
  ])('of a %s, told by its bytes', async (_kind, bytes) => {
    const tree = await unpack(bytes);
    expect(tree.files).toEqual([
      { path: 'a.yaml', size: 3 },
      { path: 'b/empty', size: 0 },
      { path: 'b/two.yaml', size: 3 },
    ]);
    expect(await textOf(tree, 'b/two.yaml')).toBe('two');
  });

  test.each([
    { what: 'any other file', bytes: Buffer.from('a: 1'), name: 'folder/model.yaml', path: 'model.yaml' },
    { what: 'a packed file', bytes: gzipSync('a: 1'), name: 'model.yaml.gz', path: 'model.yaml' },
    { what: 'a path of Windows', bytes: Buffer.from('a: 1'), name: 'C:\\models\\model.yaml', path: 'model.yaml' },
  ])('of one file, for $what', async ({ bytes, name, path }) => {
    const tree = await unpack(bytes, name);
    expect(paths(tree)).toEqual([path]);
    expect(await textOf(tree, path)).toBe('a: 1');
  });

  test('a file that it does not have is not found', async () => {
    await expect((await unpack(tar(entries))).read('../a.yaml')).rejects.toMatchObject({ code: 'notFound' });
  });

  test('no path of the archive becomes a path on disk', async () => {
    const file = join(await temporaryFolder(), 'packed');
    await writeFile(file, tar(entries));
    const scratch = await testScratch();
    await unpackInto({ file, name: 'upload' }, { scratch });
    expect((await readdir(scratch.folder)).toSorted()).toEqual(['1']);
  });
});

describe('archives in archives', () => {
  const inner = gzipSync(tar([{ path: 'model.json', content: '{}' }]));

  test('are files, and folders of their name', async () => {
    const tree = await unpack(tar([{ path: 'models/a.tgz', content: inner }]));
    expect(paths(tree)).toEqual(['models/a.tgz', 'models/a.tgz/model.json']);
    expect(await textOf(tree, 'models/a.tgz/model.json')).toBe('{}');
  });

  test('stay closed below a depth of three', async () => {
    const nest = (depth: number): Buffer =>
      depth === 0 ? inner : gzipSync(tar([{ path: 'in.tgz', content: nest(depth - 1) }]));
    expect(paths(await unpack(nest(3)))).toContain('in.tgz/in.tgz/in.tgz/model.json');
    expect(paths(await unpack(nest(4))).at(-1)).toBe('in.tgz/in.tgz/in.tgz/in.tgz');
  });

  test('that are zips by another name stay closed', async () => {
    const jar = zip([{ path: '../evil', content: Buffer.from('a') }]);
    expect(paths(await unpack(tar([{ path: 'lib.jar', content: jar }])))).toEqual(['lib.jar']);
  });

  test('are refused by their name', async () => {
    const evil = tar([{ path: '../evil', content: 'a' }]);
    expect(await refusal(tar([{ path: 'models/evil.tar', content: evil }]))).toMatchObject({
      findings: [{ code: 'archive.unsafePath', file: 'models/evil.tar' }],
    });
  });

  test('share the limits of the outermost one', async () => {
    const limits = { ...registryLimits, archiveEntries: 100 };
    expect(paths(await unpack(tar([many('a.tgz'), many('b.tgz')]), 'a', limits))).toHaveLength(82);
    expect(await refusal(tar([many('a.tgz'), many('b.tgz'), many('c.tgz')]), limits)).toMatchObject({
      findings: [{ code: 'archive.tooManyEntries' }],
    });
  });

  test('of a published package are opened', async () => {
    const scratch = await testScratch();
    const tree = await unpackInto({ file: join(samples, 'nested.tar.gz'), name: 'nested.tar.gz' }, { scratch });
    expect(paths(tree)).toContain('samples/valid.tar.gz/valid.json');
    expect(paths(tree)).toContain('samples/invalid.tar.gz');
  });
});

describe('an image packed as an archive is the files of its layers', () => {
  test("in Docker's layout, as it is published", async () => {
    const scratch = await testScratch();
    const tree = await unpackInto({ file: join(samples, 'valid-design-oci.tar'), name: 'a.tar' }, { scratch });
    expect(paths(tree)).toEqual(['artifacthub-pkg.yml', 'design.yml']);
  });

  test("in OCI's layout, later layers over earlier ones", async () => {
    const image = tar([
      { path: 'index.json', content: JSON.stringify({ manifests: [{ digest: 'sha256:m' }] }) },
      {
        path: 'blobs/sha256/m',
        content: JSON.stringify({ layers: [{ digest: 'sha256:one' }, { digest: 'sha256:two' }] }),
      },
      { path: 'blobs/sha256/one', content: layer('one', 'b') },
      { path: 'blobs/sha256/two', content: layer('two', 'c') },
    ]);
    const tree = await unpack(image);
    expect(paths(tree)).toEqual(['a', 'b', 'c']);
    expect(await textOf(tree, 'a')).toBe('two');
  });

  test('without one of its layers it is refused', async () => {
    const image = tar([{ path: 'manifest.json', content: '[{"Layers": ["gone.tar.gz"]}]' }]);
    expect(await refusal(image)).toMatchObject({ findings: [{ code: 'archive.broken' }] });
  });
});

describe('refused', () => {
  const large = registryLimits.archiveEntryBytes + 1;

  test.each<[string, readonly TarEntry[], string]>([
    ['a path that leaves it', [{ path: '../evil', content: 'a' }], 'archive.unsafePath'],
    ['a path that leaves it later', [{ path: 'a/../../evil', content: 'a' }], 'archive.unsafePath'],
    ['an absolute path', [{ path: '/etc/evil', content: 'a' }], 'archive.unsafePath'],
    ['a path of Windows', [{ path: '..\\evil', content: 'a' }], 'archive.unsafePath'],
    ['a symbolic link', [{ path: 'a', type: 'SymbolicLink', linkpath: '/etc/passwd' }], 'archive.notAFile'],
    ['a hard link', [{ path: 'a', type: 'Link', linkpath: '/etc/passwd' }], 'archive.notAFile'],
    ['a device', [{ path: 'a', type: 'BlockDevice' }], 'archive.notAFile'],
    ['a pipe', [{ path: 'a', type: 'FIFO' }], 'archive.notAFile'],
    ['the same path twice', [{ path: 'a' }, { path: './a' }], 'archive.duplicatePath'],
    ['a file beyond the limit', [{ path: 'a', content: Buffer.alloc(large) }], 'archive.tooLarge'],
    ['10,000 files', Array.from({ length: 10_000 }, (_, index) => ({ path: `${index}` })), 'archive.tooManyEntries'],
  ])('a tar.gz with %s', async (_what, entries, code) => {
    expect(await refusal(gzipSync(tar(entries), { level: 1 }))).toMatchObject({ findings: [{ code }] });
  });

  test.each([
    ['a path that leaves it', { path: '../evil', content: Buffer.from('a') }, 'archive.unsafePath'],
    ['a link', { path: 'a', content: Buffer.from('/etc/passwd'), mode: 0o120777 }, 'archive.notAFile'],
    ['more than it says', { path: 'a', content: Buffer.alloc(1_000_000), statedSize: 1 }, 'archive.broken'],
    ['a file beyond the limit', { path: 'a', content: Buffer.alloc(large) }, 'archive.tooLarge'],
  ])('a zip with %s', async (_what, entry, code) => {
    expect(await refusal(zip([entry]))).toMatchObject({ findings: [{ code }] });
  });

  test('a zip with an encrypted file', async () => {
    const bytes = zip([{ path: 'a', content: Buffer.from('a') }]);
    const flagsAt = bytes.indexOf(Buffer.from('504b0102', 'hex')) + 8;
    bytes.writeUInt16LE(0x801, flagsAt);
    expect(await refusal(bytes)).toMatchObject({ findings: [{ code: 'archive.broken', message: /encrypted/ }] });
  });

  test('a zip with the same path twice', async () => {
    const entry = { path: 'a', content: Buffer.from('a') };
    expect(await refusal(zip([entry, entry]))).toMatchObject({ findings: [{ code: 'archive.duplicatePath' }] });
  });

  test('a bomb: much more unpacked than packed', async () => {
    const content = Buffer.alloc(1_000_000);
    const entries = Array.from({ length: 30 }, (_, index) => ({ path: `${index}`, content }));
    expect(await refusal(gzipSync(tar(entries)))).toMatchObject({ findings: [{ code: 'archive.tooLarge' }] });
    expect(await refusal(zip(entries))).toMatchObject({ findings: [{ code: 'archive.tooLarge' }] });
    expect(await refusal(gzipSync(Buffer.alloc(30_000_000)))).toMatchObject({
      findings: [{ code: 'archive.tooLarge' }],
    });
  });

  test('a bomb in an archive', async () => {
    const content = gzipSync(Buffer.alloc(30_000_000));
    expect(await refusal(tar([{ path: 'model.json.gz', content }]))).toMatchObject({
      findings: [{ code: 'archive.tooLarge', file: 'model.json.gz' }],
    });
  });

  test.each([
    ['gzip', gzipSync(tar([{ path: 'a', content: randomBytes(5_000) }])).subarray(0, 2_000)],
    ['tar', tar([{ path: 'a', content: randomBytes(5_000) }]).subarray(0, 2_000)],
    ['zip', zip([{ path: 'a', content: randomBytes(5_000) }]).subarray(0, 2_000)],
    ['gzip with other bytes in it', Buffer.concat([Buffer.from([0x1f, 0x8b, 8, 0]), randomBytes(500)])],
  ])('a %s that is cut off or broken', async (_kind, bytes) => {
    expect(await refusal(bytes)).toMatchObject({ findings: [{ code: 'archive.broken' }] });
  });

  test('a packed source beyond the limit', async () => {
    expect(await refusal(Buffer.alloc(2_000), { ...registryLimits, sourceBytes: 1_000 })).toMatchObject({
      findings: [{ code: 'archive.tooLarge' }],
    });
  });
});

test('unpacking can be cancelled', async () => {
  const file = join(await temporaryFolder(), 'packed');
  await writeFile(file, tar([{ path: 'a', content: 'a' }]));
  const signal = AbortSignal.abort(new Error('enough'));
  await expect(unpackInto({ file, name: 'a' }, { scratch: await testScratch(), signal })).rejects.toThrow('enough');
});

test('a package of 50 MB that holds 300 MB is never in memory as a whole', async () => {
  const mebibyte = 1024 * 1024;
  const file = join(await temporaryFolder(), 'packed');
  await writePackage(file, Buffer.concat([randomBytes(170_000), Buffer.alloc(mebibyte - 170_000)]));
  collectGarbage();
  const before = inMemory();
  let most = 0;
  const timer = setInterval(() => {
    most = Math.max(most, inMemory() - before);
  }, 5);
  const tree = await unpackInto({ file, name: 'large.tar.gz' }, { scratch: await testScratch() });
  clearInterval(timer);
  expect(tree.files).toHaveLength(300);
  expect(most).toBeGreaterThan(0);
  expect(most).toBeLessThan(120 * mebibyte);
});

/** A tar.gz of 300 files, written in pieces: packed streams one after another are one. */
async function writePackage(file: string, content: Buffer): Promise<void> {
  for (let index = 0; index < 300; index += 1) {
    const entry = tar([{ path: `${index}.json`, content }]).subarray(0, -1024);
    await appendFile(file, gzipSync(entry, { level: 1 }));
  }
  await appendFile(file, gzipSync(Buffer.alloc(1024)));
}

function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  runInNewContext('gc')();
}

function inMemory(): number {
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}
