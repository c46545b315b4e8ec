import { Buffer } from 'node:buffer';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { designLimits } from '../../../domain/design/limits.ts';
import { createDesignReader } from '../../../infra/design-source/design-reader.ts';
import { tar, type TarEntry } from './tar.ts';
import { zip } from './zip.ts';

const reader = createDesignReader();
const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: ${name}}\n`;

async function codesOf(bytes: Uint8Array): Promise<readonly string[]> {
  const { design, findings } = await reader.readDesign({ bytes, fileName: 'upload' });
  expect(design).toBeUndefined();
  return findings.map((finding) => finding.code);
}

describe('archives are read', () => {
  const entries: readonly TarEntry[] = [
    { path: './b/', type: 'Directory' },
    { path: './b/two.yaml', content: configMap('two') },
    { path: 'a.yml', content: configMap('one') },
    { path: 'notes.txt', content: 'not yaml: at: all' },
  ];

  test.each([
    ['tar', tar(entries)],
    ['tar.gz', gzipSync(tar(entries))],
    [
      'zip',
      zip(
        entries
          .filter(({ type }) => type === undefined)
          .map(({ path, content = '' }) => ({ path, content: Buffer.from(content) })),
      ),
    ],
  ])('%s: all manifests in the order of their paths', async (_name, bytes) => {
    const { design } = await reader.readDesign({ bytes, fileName: 'shop.tar.gz' });
    expect(design?.name).toBe('shop');
    expect(design?.components.map(({ name }) => name)).toEqual(['configmap-one', 'configmap-two']);
  });

  test('a finding names the file in the archive', async () => {
    const { findings } = await reader.readDesign({ bytes: tar([{ path: 'k8s/bad.yaml', content: 'a: 1\na: 2\n' }]) });
    expect(findings).toMatchObject([{ code: 'yaml.duplicateKey', file: 'k8s/bad.yaml', line: 2 }]);
  });

  test('a packed text that is no archive is a text', async () => {
    const { design } = await reader.readDesign({ bytes: gzipSync(configMap('one')), fileName: 'one.yaml.gz' });
    expect(design?.components).toHaveLength(1);
  });

  test('the layers of an OCI image hold the design', async () => {
    const layer = gzipSync(
      tar([
        { path: 'design.yml', content: 'name: shop\ncomponents: []\n' },
        { path: 'artifacthub-pkg.yml', content: 'name: x' },
      ]),
    );
    const manifest = JSON.stringify({ layers: [{ digest: 'sha256:layer' }] });
    const image = tar([
      { path: 'index.json', content: JSON.stringify({ manifests: [{ digest: 'sha256:manifest' }] }) },
      { path: 'blobs/sha256/manifest', content: manifest },
      { path: 'blobs/sha256/layer', content: layer },
    ]);
    const { design, format } = await reader.readDesign({ bytes: image });
    expect([design?.name, format]).toEqual(['shop', 'meshery']);
  });
});

describe('archives are refused', () => {
  test.each<[string, readonly TarEntry[], string]>([
    ['a path that leaves the archive', [{ path: '../evil.yaml', content: 'a: 1' }], 'archive.unsafePath'],
    ['a path that leaves the archive later', [{ path: 'a/../../evil.yaml', content: 'a: 1' }], 'archive.unsafePath'],
    ['an absolute path', [{ path: '/etc/evil.yaml', content: 'a: 1' }], 'archive.unsafePath'],
    ['a path of Windows', [{ path: 'C:\\evil.yaml', content: 'a: 1' }], 'archive.unsafePath'],
    ['a symbolic link', [{ path: 'link.yaml', type: 'SymbolicLink', linkpath: '/etc/passwd' }], 'archive.notAFile'],
    ['a hard link', [{ path: 'link.yaml', type: 'Link', linkpath: 'a.yaml' }], 'archive.notAFile'],
    ['a device', [{ path: 'null', type: 'CharacterDevice' }], 'archive.notAFile'],
    ['no YAML at all', [{ path: 'a.txt', content: 'a' }], 'archive.noDesign'],
    [
      'a file beyond the limit',
      [{ path: 'a.yaml', content: Buffer.alloc(designLimits.archiveEntryBytes + 1) }],
      'archive.tooLarge',
    ],
    [
      'too many entries',
      Array.from({ length: designLimits.archiveEntries + 1 }, (_, index) => ({ path: `${index}.txt` })),
      'archive.tooManyEntries',
    ],
  ])('with %s', async (_name, entries, code) => {
    expect(await codesOf(gzipSync(tar(entries)))).toEqual([code]);
  });

  test('that unpack to far more than they pack', async () => {
    expect(await codesOf(gzipSync(Buffer.alloc(designLimits.archiveBytes * 2)))).toEqual(['archive.tooLarge']);
  });

  test('that are cut off', async () => {
    const whole = gzipSync(tar([{ path: 'a.yaml', content: configMap('a').repeat(100) }]));
    expect(await codesOf(whole.subarray(0, whole.length - 20))).toEqual(['archive.broken']);
  });

  test('that name a layer and do not hold it', async () => {
    expect(await codesOf(tar([{ path: 'manifest.json', content: '[{"Layers": ["gone.tar.gz"]}]' }]))).toEqual([
      'archive.broken',
    ]);
  });

  test.each([
    ['a path that leaves it', { path: '../evil.yaml', content: Buffer.from('a: 1') }, 'archive.unsafePath'],
    ['a symbolic link', { path: 'a.yaml', content: Buffer.from('/etc/passwd'), mode: 0o120777 }, 'archive.notAFile'],
    ['a size that is not true', { path: 'a.yaml', content: Buffer.from('a: 1'), statedSize: 1 }, 'archive.broken'],
    [
      'a file beyond the limit',
      { path: 'a.yaml', content: Buffer.from('a'), statedSize: designLimits.archiveEntryBytes + 1 },
      'archive.tooLarge',
    ],
  ])('as zip, with %s', async (_name, entry, code) => {
    expect(await codesOf(zip([entry]))).toEqual([code]);
  });
});
