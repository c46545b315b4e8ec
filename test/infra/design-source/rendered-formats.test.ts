import { Buffer } from 'node:buffer';
import { readdir } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { describe, expect, test } from 'vitest';
import { SlipwayError } from '../../../domain/errors.ts';
import { createDesignReader } from '../../../infra/design-source/design-reader.ts';
import { realPrograms } from './converters.ts';
import { zip } from './zip.ts';

const reader = createDesignReader({ programs: realPrograms });

type Files = Readonly<Record<string, string>>;

function pack(files: Files): Uint8Array {
  return zip(Object.entries(files).map(([path, content]) => ({ path, content: Buffer.from(content) })));
}

const deployment = `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec: {containers: [{name: web, image: nginx}]}
`;

const kustomizeFolder: Files = {
  'base/kustomization.yaml': 'resources: [web.yaml]\n',
  'base/web.yaml': deployment,
  'kustomization.yaml': `namespace: shop
namePrefix: my-
resources: [base]
configMapGenerator:
  - {name: settings, files: [settings.txt], options: {disableNameSuffixHash: true}}
patches:
  - path: replicas.yaml
`,
  'replicas.yaml': 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n',
  'settings.txt': 'colour=blue\n',
};

describe('Kustomize folders', () => {
  test('are built by kustomize', async () => {
    const { design, format, findings } = await reader.readDesign({
      bytes: pack(kustomizeFolder),
      fileName: 'shop.zip',
    });
    expect(findings).toEqual([]);
    expect([design?.name, format]).toEqual(['shop', 'kustomize']);
    expect(
      design?.components.map(({ object }) => [object.kind, object.metadata.namespace, object.metadata.name]),
    ).toEqual([
      ['ConfigMap', 'shop', 'my-settings'],
      ['Deployment', 'shop', 'my-web'],
    ]);
    expect(design?.components[1]?.object['spec']).toMatchObject({ replicas: 3 });
  });

  test('leave nothing in the temporary folder', async () => {
    await reader.readDesign({ bytes: pack(kustomizeFolder) });
    expect((await readdir(tmpdir())).filter((name) => name.startsWith('slipway-design-'))).toEqual([]);
  });

  test.each<[string, Files, string]>([
    [
      'a remote base',
      { 'kustomization.yaml': 'resources:\n  - https://example.com/base?ref=v1\n' },
      'kustomize.remote',
    ],
    [
      'a base of GitHub',
      { 'kustomization.yaml': 'resources:\n  - github.com/owner/repository//base\n' },
      'kustomize.remote',
    ],
    [
      'a base over SSH',
      { 'kustomization.yaml': 'resources:\n  - git@example.com:owner/base.git\n' },
      'kustomize.remote',
    ],
    ['a path that leaves the folder', { 'kustomization.yaml': 'resources:\n  - ../other\n' }, 'kustomize.outside'],
    ['an absolute path', { 'kustomization.yaml': 'resources:\n  - /etc/passwd\n' }, 'kustomize.outside'],
    ['a file that is not there', { 'kustomization.yaml': 'resources:\n  - web.yaml\n' }, 'kustomize.missingFile'],
    [
      'a remote patch',
      { 'kustomization.yaml': 'patches:\n  - path: https://example.com/patch.yaml\n' },
      'kustomize.remote',
    ],
    [
      'a remote file in a generator',
      { 'kustomization.yaml': 'configMapGenerator:\n  - name: a\n    files:\n      - key=https://example.com/file\n' },
      'kustomize.remote',
    ],
    [
      "a generator that reads the server's files",
      { 'kustomization.yaml': 'secretGenerator:\n  - name: a\n    envs:\n      - /proc/self/environ\n' },
      'kustomize.outside',
    ],
    ['a Helm chart', { 'kustomization.yaml': 'helmCharts:\n  - name: minecraft\n' }, 'kustomize.helm'],
    [
      'a remote base behind a local one',
      {
        'kustomization.yaml': 'resources:\n  - base\n',
        'base/kustomization.yaml': 'bases:\n  - ssh://example.com/x\n',
      },
      'kustomize.remote',
    ],
    ['broken YAML', { 'kustomization.yaml': 'resources: [\n' }, 'yaml.syntax'],
    ['several to choose from', { 'a/kustomization.yaml': '', 'b/kustomization.yaml': '' }, 'kustomize.ambiguous'],
  ])('are refused before anything runs, with %s', async (_name, files, code) => {
    const never = createDesignReader({
      programs: {
        kustomize: () => {
          throw new Error('kustomize must not run');
        },
      },
    });
    const { design, findings } = await never.readDesign({ bytes: pack(files) });
    expect(design).toBeUndefined();
    expect([...new Set(findings.map((finding) => finding.code))]).toEqual([code]);
  });

  test('the place of what is refused is told', async () => {
    const { findings } = await reader.readDesign({
      bytes: pack({ 'app/kustomization.yaml': 'resources:\n  - gone.yaml\n' }),
    });
    expect(findings).toMatchObject([{ file: 'app/kustomization.yaml', line: 2, column: 5, path: 'resources[0]' }]);
  });

  test('what kustomize says against a folder is a finding', async () => {
    const files = { 'kustomization.yaml': 'resources: [a.yaml, b.yaml]\n', 'a.yaml': deployment, 'b.yaml': deployment };
    const { design, findings } = await reader.readDesign({ bytes: pack(files) });
    expect(design).toBeUndefined();
    expect(findings).toMatchObject([{ severity: 'error', code: 'kustomize.failed' }]);
  });

  test('a kustomization without its folder is told to be incomplete', async () => {
    const { findings, format } = await reader.readDesign({ text: 'kind: Kustomization\nresources: [web.yaml]\n' });
    expect(format).toBe('kustomize');
    expect(findings).toMatchObject([
      { code: 'kustomize.missingFile', fix: expect.stringContaining('Give the folder') },
    ]);
  });
});

describe('Compose files', () => {
  const compose = `services:
  web:
    image: nginx:1.27
    ports: ["8080:80"]
    environment: {COLOUR: blue}
`;

  test('are converted by kompose', async () => {
    const { design, format } = await reader.readDesign({ text: compose, fileName: 'shop.yaml' });
    expect([design?.name, format]).toEqual(['shop', 'compose']);
    expect(design?.components.map(({ name }) => name)).toEqual(['service-web', 'deployment-web']);
  });

  test('may come with the files that they name', async () => {
    const files = { 'compose.yaml': `${compose}    env_file: [web.env]\n`, 'web.env': 'SIZE=large\n' };
    const { design } = await reader.readDesign({ bytes: pack(files) });
    const configMap = design?.components.find(({ object }) => object.kind === 'ConfigMap');
    expect(configMap?.object['data']).toEqual({ SIZE: 'large' });
  });

  test.each([
    ['an environment file', `${compose}    env_file: /proc/self/environ\n`],
    ['a list of environment files', `${compose}    env_file:\n      - path: ../secret.env\n`],
    ['an included file', `include: [/etc/compose.yaml]\n${compose}`],
    ['an extended file', `${compose}    extends: {file: /etc/compose.yaml, service: x}\n`],
    ['a secret', `${compose}secrets:\n  key: {file: /etc/passwd}\n`],
    ['a config', `${compose}configs:\n  key: {file: ~/.ssh/id_rsa}\n`],
    [
      'a mount to read into a ConfigMap',
      `${compose}    volumes: ["/etc:/etc"]\n    labels: {kompose.volume.type: configMap}\n`,
    ],
  ])("are refused with %s of the server's own", async (_name, text) => {
    const { design, findings } = await reader.readDesign({ text });
    expect(design).toBeUndefined();
    expect([...new Set(findings.map((finding) => finding.code))]).toEqual(['compose.missingFile']);
  });
});

describe('a program that is not there', () => {
  test.each([
    ['was never given', createDesignReader()],
    [
      'cannot be had',
      createDesignReader({
        programs: { kustomize: () => Promise.reject(new SlipwayError('unavailable', 'kustomize cannot be had')) },
      }),
    ],
  ])('is asked for by name when it %s', async (_name, without) => {
    const { design, findings } = await without.readDesign({ bytes: pack(kustomizeFolder) });
    expect(design).toBeUndefined();
    expect(findings).toMatchObject([{ code: 'kustomize.missing', fix: expect.stringContaining('Install kustomize') }]);
  });
});
