import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Buffer } from 'node:buffer';
import { beforeAll, describe, expect, test } from 'vitest';
import { templateChart, type Templating } from '../../../../infra/model-source/helm/template.ts';
import { memoryTree } from '../../../../infra/model-source/source-tree.ts';
import { writeTree } from '../../../../infra/model-source/write-tree.ts';
import { provision } from '../../../../infra/runtime/provision.ts';
import { testScratch } from '../scratch-folder.ts';

const designs = join(import.meta.dirname, '../../../fixtures/designs');
const dapr = join(designs, 'meshery__meshkit/files/tests/samples/valid-helm.tgz');
const robotShop = join(designs, 'meshery-extensions__meshery-mcp-server/github/samples/robot-shop-1.1.0.tgz');
let program = '';

beforeAll(async () => {
  program = await provision('helm', { environment: process.env, onProgress: () => undefined });
});

async function template(chart: string, more: Partial<Templating> = {}) {
  const base = { program, scratch: await testScratch(), chart, namespace: 'shop', releaseName: 'web' };
  return templateChart({ ...base, ...more });
}

/** A folder with a chart of these templates. */
async function chartOf(templates: Readonly<Record<string, string>>, more = ''): Promise<string> {
  const files = Object.entries(templates).map(([name, text]) => [`templates/${name}`, Buffer.from(text)] as const);
  const metadata = `apiVersion: v2\nname: web\nversion: 1.0.0\n${more}`;
  const folder = (await testScratch()).newPath();
  await writeTree(memoryTree(new Map([['Chart.yaml', Buffer.from(metadata)], ...files])), folder);
  return folder;
}

const configMap = (data: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\ndata: {a: ${data}}\n`;

describe('a chart is rendered', () => {
  test('with its CRDs and what its charts bring, for the namespace', async () => {
    const rendered = await template(dapr);
    const text = 'text' in rendered ? rendered.text : '';
    expect(text).toContain('kind: CustomResourceDefinition');
    expect(text).toContain('namespace: shop');
    expect(text).toContain('# Source: dapr/charts/dapr_operator/');
  });

  test('from a file of any name, with values, and leaves nothing but its scratch', async () => {
    const scratch = await testScratch();
    const chart = scratch.newPath();
    await writeFile(chart, await readFile(robotShop));
    const rendered = await template(chart, { scratch, values: 'image:\n  repo: example.com/shop\n' });
    expect(rendered).toMatchObject({ text: expect.stringContaining('example.com/shop') });
    expect(await readdir(scratch.folder)).toHaveLength(2);
  });

  test('from a folder, without a cluster', async () => {
    const folder = await chartOf({ 'a.yaml': configMap('{{ lookup "v1" "Secret" "a" "b" | toJson | quote }}') });
    expect(await template(folder)).toMatchObject({ text: expect.stringContaining('data: {a: "{}"}') });
  });
});

describe('a chart that cannot be rendered says why and where', () => {
  test.each([
    { what: 'a template that is none', text: 'kind: {{ .Values.a', says: /unclosed action/, at: { line: 1 } },
    {
      what: 'a value that is required',
      text: 'a: 1\nb: {{ required "set the host" .Values.host }}',
      says: /set the host/,
      at: { file: 'web/templates/a.yaml', line: 2 },
    },
    {
      what: 'a template that fails',
      text: '{{ fail "not here" }}',
      says: /not here/,
      at: { file: 'web/templates/a.yaml' },
    },
    { what: 'what is no YAML', text: 'a: b: c', says: /YAML/i, at: {} },
    { what: 'a function that there is not', text: '{{ nothing }}', says: /function "nothing" not defined/, at: {} },
  ])('$what', async ({ text, says, at }) => {
    const rendered = await template(await chartOf({ 'a.yaml': text }));
    expect(rendered).toMatchObject({ finding: { severity: 'error', code: 'helm.failed', message: says, ...at } });
  });

  test('a chart that depends on what is not there', async () => {
    const folder = await chartOf(
      {},
      'dependencies:\n- {name: common, version: 1.x.x, repository: "https://example.com"}\n',
    );
    expect(await template(folder)).toMatchObject({ finding: { message: /missing in charts.*common/ } });
  });

  test('a file that is no chart', async () => {
    const file = (await testScratch()).newPath();
    await writeFile(file, 'text');
    expect(await template(file)).toMatchObject({ finding: { code: 'helm.failed' } });
  });

  test('a template that never ends is stopped when it is cancelled', async () => {
    const folder = await chartOf({ 'a.yaml': '{{ range until 100000000 }}{{ end }}' });
    const signal = AbortSignal.timeout(300);
    await expect(template(folder, { signal })).rejects.toMatchObject({ name: 'TimeoutError' });
  });

  test('a template that multiplies beyond all bounds is stopped, and the limit is named', async () => {
    const bomb = '{{ range until 20000 }}{{ repeat 20000 "lots of text " }}{{ end }}';
    expect(await template(await chartOf({ 'a.yaml': bomb }))).toMatchObject({
      finding: {
        severity: 'error',
        code: 'helm.failed',
        message: expect.stringMatching(/^helm was stopped: it took more than (1024 MiB of memory|30 s)\.$/),
        fix: expect.stringContaining('loops'),
      },
    });
  });

  test('a template that renders to more than is read is stopped, and the limit is named', async () => {
    const large = configMap('{{ repeat 7000000 "0123456789" | quote }}');
    expect(await template(await chartOf({ 'a.yaml': large }))).toMatchObject({
      finding: { message: 'helm was stopped: it took more than 64 MiB of output.' },
    });
  });

  test('helm that is not there is unavailable', async () => {
    await expect(template(robotShop, { program: '/nowhere/helm' })).rejects.toMatchObject({ code: 'unavailable' });
  });
});
