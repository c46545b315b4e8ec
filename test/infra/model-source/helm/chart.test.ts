import { Buffer } from 'node:buffer';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { chartFolders, readChart } from '../../../../infra/model-source/helm/chart.ts';
import { memoryTree, type SourceTree } from '../../../../infra/model-source/source-tree.ts';
import { unpackInto } from '../../../../infra/model-source/unpack.ts';
import { tar } from '../../design-source/tar.ts';
import { testScratch } from '../scratch-folder.ts';

const designs = join(import.meta.dirname, '../../../fixtures/designs');

async function fixture(path: string): Promise<SourceTree> {
  return unpackInto({ file: join(designs, path), name: path }, { scratch: await testScratch() });
}

const treeOf = (files: Readonly<Record<string, string | Buffer>>) =>
  memoryTree(new Map(Object.entries(files).map(([path, content]) => [path, Buffer.from(content)])));

const metadata = (name: string, more = '') => `apiVersion: v2\nname: ${name}\nversion: 1.0.0\n${more}`;

const packed = (name: string, files: Readonly<Record<string, string>>) =>
  gzipSync(tar(Object.entries(files).map(([path, content]) => ({ path: `${name}/${path}`, content }))));

describe('published charts', () => {
  test('Dapr: CRDs, values, README and seven charts in it', async () => {
    const tree = await fixture('meshery__meshkit/files/tests/samples/valid-helm.tgz');
    expect(chartFolders(tree)).toEqual(['dapr']);
    const { chart, findings } = await readChart(tree, 'dapr');
    expect(findings).toEqual([]);
    expect(chart?.metadata).toMatchObject({ name: 'dapr', version: '1.14.0', appVersion: '1.14.0' });
    expect(chart?.crds.map(({ path }) => path)).toEqual(
      ['components', 'configuration', 'httpendpoints', 'resiliency', 'subscription'].map(
        (name) => `dapr/crds/${name}.yaml`,
      ),
    );
    expect(chart?.crds[0]?.text).toContain('CustomResourceDefinition');
    expect(chart?.values).toContain('global:');
    expect(chart?.readme).toContain('Dapr');
    expect(chart?.subcharts.map(({ folder, metadata: { name } }) => [folder, name])).toContainEqual([
      'dapr/charts/dapr_operator',
      'dapr_operator',
    ]);
    expect(chart?.subcharts).toHaveLength(7);
  });

  test('Robot Shop: no CRDs, no version of the application', async () => {
    const tree = await fixture('meshery-extensions__meshery-mcp-server/github/samples/robot-shop-1.1.0.tgz');
    const { chart, findings } = await readChart(tree, 'robot-shop');
    expect(findings).toEqual([]);
    expect(chart?.metadata).toMatchObject({ name: 'robot-shop', version: '1.1.0' });
    expect([chart?.metadata.appVersion, chart?.crds, chart?.subcharts]).toEqual([undefined, [], []]);
  });
});

describe('a chart holds', () => {
  test('the schema of its values, and values.yaml as it was written', async () => {
    const values = '# replicas\nreplicas: 1\n';
    const { chart } = await readChart(
      treeOf({ 'Chart.yaml': metadata('web'), 'values.yaml': values, 'values.schema.json': '{"type": "object"}' }),
    );
    expect(chart).toMatchObject({ folder: '', values, valuesSchema: { type: 'object' } });
  });

  test('charts as folders and as packages, as deep as they go', async () => {
    const inner = packed('inner', { 'Chart.yaml': metadata('inner'), 'crds/a.yaml': 'kind: A' });
    const files = {
      'web/Chart.yaml': metadata('web'),
      'web/charts/folder/Chart.yaml': metadata('folder'),
      'web/charts/folder/charts/inner-1.0.0.tgz': inner,
      'web/charts/_ignored/Chart.yaml': metadata('ignored'),
      'web/charts/README.md': 'text',
    };
    const { chart, findings } = await readChart(treeOf(files), 'web');
    expect(findings).toEqual([]);
    expect(chart?.subcharts).toMatchObject([{ folder: 'web/charts/folder', metadata: { name: 'folder' } }]);
    expect(chart?.subcharts[0]?.subcharts).toMatchObject([
      {
        folder: 'web/charts/folder/charts/inner-1.0.0.tgz',
        crds: [{ path: 'web/charts/folder/charts/inner-1.0.0.tgz/crds/a.yaml', text: 'kind: A' }],
      },
    ]);
  });

  test('the same charts where the packages were opened', async () => {
    const web = packed('web', { 'Chart.yaml': metadata('web') });
    const files = {
      'a/Chart.yaml': metadata('a'),
      'a/charts/web-1.tgz': web,
      'a/charts/web-1.tgz/web/Chart.yaml': metadata('web'),
    };
    expect((await readChart(treeOf(files), 'a')).chart?.subcharts).toHaveLength(1);
    expect(chartFolders(treeOf(files))).toEqual(['a']);
  });

  test('what it depends on, of both generations; what is not there is named', async () => {
    const dependencies =
      'dependencies:\n- {name: common, version: 2.x.x, repository: "oci://example.com/charts"}\n- {name: here}\n';
    const files = { 'charts/here/Chart.yaml': metadata('here') };
    for (const given of [
      { ...files, 'Chart.yaml': metadata('web', dependencies) },
      { ...files, 'Chart.yaml': metadata('web'), 'requirements.yaml': dependencies },
    ]) {
      const { chart, findings } = await readChart(treeOf(given));
      expect(chart?.dependencies.map(({ name }) => name)).toEqual(['common', 'here']);
      expect(findings).toMatchObject([{ severity: 'warning', code: 'chart.dependencyMissing', subject: 'common' }]);
    }
  });
});

describe('a broken chart is told, with the file', () => {
  test.each<[string, Readonly<Record<string, string | Buffer>>, object]>([
    ['no Chart.yaml', { 'values.yaml': '' }, { code: 'chart.missing' }],
    ['no name', { 'Chart.yaml': 'version: 1.0.0' }, { code: 'chart.invalid', path: 'name', file: 'Chart.yaml' }],
    ['an empty Chart.yaml', { 'Chart.yaml': '' }, { code: 'chart.invalid', file: 'Chart.yaml' }],
    ['a list for a Chart.yaml', { 'Chart.yaml': '- a' }, { code: 'chart.invalid', file: 'Chart.yaml' }],
    ['YAML that is none', { 'Chart.yaml': 'a: "b\n' }, { code: 'yaml.syntax', file: 'Chart.yaml', line: 2 }],
    [
      'bytes for a Chart.yaml',
      { 'Chart.yaml': Buffer.from([0xff, 0, 0xc3]) },
      { code: 'text.encoding', file: 'Chart.yaml' },
    ],
    [
      'values that are no YAML',
      { 'Chart.yaml': metadata('a'), 'values.yaml': 'a: 1\na: 2' },
      { code: 'yaml.duplicateKey', file: 'values.yaml' },
    ],
    [
      'a schema that is no JSON',
      { 'Chart.yaml': metadata('a'), 'values.schema.json': '{' },
      { code: 'chart.invalidSchema', file: 'values.schema.json' },
    ],
    [
      'a schema that is no object',
      { 'Chart.yaml': metadata('a'), 'values.schema.json': '[]' },
      { code: 'chart.invalidSchema' },
    ],
    [
      'a broken chart in it',
      { 'Chart.yaml': metadata('a'), 'charts/b/Chart.yaml': '{}' },
      { code: 'chart.invalid', file: 'charts/b/Chart.yaml' },
    ],
    [
      'a broken package in it',
      { 'Chart.yaml': metadata('a'), 'charts/b.tgz': 'x' },
      { code: 'archive.broken', file: 'charts/b.tgz' },
    ],
    [
      'a hostile package in it',
      { 'Chart.yaml': metadata('a'), 'charts/b.tgz': packed('..', { a: '' }) },
      { code: 'archive.unsafePath', file: 'charts/b.tgz' },
    ],
  ])('%s', async (_what, files, finding) => {
    const { findings } = await readChart(treeOf(files));
    expect(findings[0]).toMatchObject(finding);
    expect(findings.every(({ severity }) => severity === 'error')).toBe(true);
  });

  test('a chart that nests without end', async () => {
    const deep = Array.from(
      { length: 9 },
      (_, depth) => [`${'charts/a/'.repeat(depth)}Chart.yaml`, metadata('a')] as const,
    );
    const { findings } = await readChart(treeOf(Object.fromEntries(deep)));
    expect(findings).toMatchObject([{ code: 'chart.tooDeep' }]);
  });
});

test('the charts of a tree are the outermost ones', () => {
  const paths = ['a/Chart.yaml', 'a/charts/b/Chart.yaml', 'ab/Chart.yaml', 'c/d/Chart.yaml', 'e.tgz/e/Chart.yaml'];
  const tree = treeOf(Object.fromEntries(paths.map((path) => [path, ''])));
  expect(chartFolders(tree).toSorted()).toEqual(['a', 'ab', 'c/d', 'e.tgz/e']);
});
