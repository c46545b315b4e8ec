import { readFileSync } from 'node:fs';
import { beforeAll, describe, expect, test } from 'vitest';
import { registryLimits } from '../../../../domain/registry/limits.ts';
import { readArchive } from '../../../../infra/design-source/read-archive.ts';
import { memoryTree, type SourceTree } from '../../../../infra/model-source/source-tree.ts';
import { provision } from '../../../../infra/runtime/provision.ts';
import { packed, unpacked } from '../../registry/round-trip.ts';
import { testScratch } from '../scratch-folder.ts';
import { extractAll, namesOf, textTree, type WholeExtraction, type WholeModel } from './extraction.ts';

let helm = '';

beforeAll(async () => {
  helm = await provision('helm', { environment: process.env, onProgress: () => undefined });
});

async function archive(path: string): Promise<SourceTree> {
  return memoryTree(await readArchive(readFileSync(path), 'chart.tgz', registryLimits));
}

async function extractCharts(tree: SourceTree): Promise<WholeExtraction> {
  return extractAll(tree, { scratch: await testScratch(), programs: { helm } });
}

function only<Type extends string>(model: WholeModel | undefined, type: Type) {
  return (model?.members ?? []).filter((member) => member.type === type);
}

const dapr = 'test/fixtures/registry/meshery__meshkit/samples/valid-helm.tgz';

const chart = (more: Readonly<Record<string, string>> = {}, metadata = ''): SourceTree =>
  textTree({
    'harbour/Chart.yaml': `apiVersion: v2\nname: harbour\nversion: 1.2.3\nappVersion: "4.5"\ndescription: Boats.\n${metadata}`,
    'harbour/values.yaml': 'replicas: 2\nimage: {tag: null, pullPolicy: Always}\nhosts: []\ncrds: {enabled: false}\n',
    'harbour/templates/web.yaml':
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: web, namespace: {{ .Release.Namespace }}}\ndata: {replicas: "{{ .Values.replicas }}"}\n',
    ...more,
  });

const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: boats.example.org}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Boat, plural: boats}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;

describe('a chart', () => {
  test('is a model with its kinds, itself as a component, its values, what it installs, and its file', async () => {
    const { models, findings } = await extractCharts(await archive(dapr));
    expect(findings).toEqual([]);
    expect(models).toHaveLength(1);
    expect(models[0]?.head.model).toMatchObject({
      name: 'dapr',
      version: '1.14.0',
      metadata: { appVersion: '1.14.0' },
    });
    expect(namesOf(models[0]?.members ?? []).filter((name) => !name.startsWith('relationship'))).toEqual([
      'component DaprChart@helm.slipway.dev/v1',
      'profile default',
      'component Component@dapr.io/v1alpha1',
      'component Configuration@dapr.io/v1alpha1',
      'component HTTPEndpoint@dapr.io/v1alpha1',
      'component Resiliency@dapr.io/v1alpha1',
      'component Subscription@dapr.io/v1alpha1',
      'component Subscription@dapr.io/v2alpha1',
      'installation chart',
      'attachment charts/dapr-1.14.0.tgz',
    ]);
  });

  test('in a package comes out of it again, the same bytes, and is no second model', async () => {
    const { models } = await extractCharts(await archive(dapr));
    const first = await packed(models);
    const again = await extractAll(await unpacked(first));
    expect(again.models).toHaveLength(1);
    expect((await packed(again.models)).equals(first)).toBe(true);
  });

  test('packs to the same file each time, which is a chart by itself', async () => {
    const [one, other] = [await extractCharts(await archive(dapr)), await extractCharts(await archive(dapr))];
    const files = [one, other].flatMap(({ models }) => only(models[0], 'attachment'));
    expect(files[0]).toMatchObject({ definition: { ...(files[1]?.type === 'attachment' ? files[1].definition : {}) } });
    const bytes = files[0]?.type === 'attachment' ? await files[0].read() : new Uint8Array();
    const tree = memoryTree(await readArchive(bytes, 'dapr.tgz', registryLimits));
    expect((await extractCharts(tree)).models[0]?.head.model.name).toBe('dapr');
  });

  test('has a component whose spec takes values like its own', async () => {
    const { models } = await extractCharts(chart());
    const [component] = only(models[0], 'component');
    expect(component).toMatchObject({
      definition: {
        kind: 'HarbourChart',
        apiVersion: 'helm.slipway.dev/v1',
        adapter: 'helm',
        scope: 'namespaced',
        schema: {
          properties: {
            spec: {
              properties: {
                replicas: { type: ['number', 'string', 'null'], default: 2 },
                image: { properties: { tag: {}, pullPolicy: { default: 'Always' } } },
                hosts: { type: ['array', 'null'] },
              },
            },
          },
        },
      },
    });
  });

  test('with a schema of its values uses that, with its references', async () => {
    const schema = {
      $schema: 'x',
      type: 'object',
      properties: { a: { $ref: '#/definitions/a' } },
      definitions: { a: { type: 'string' } },
    };
    const { models } = await extractCharts(chart({ 'harbour/values.schema.json': JSON.stringify(schema) }));
    expect(only(models[0], 'component')[0]).toMatchObject({
      definition: {
        schema: { properties: { spec: { properties: { a: { $ref: '#/properties/spec/definitions/a' } } } } },
      },
    });
  });

  test('gives its other values files as profiles', async () => {
    const { models } = await extractCharts(chart({ 'harbour/values-ha.yaml': 'replicas: 5\n' }));
    expect(only(models[0], 'profile')).toMatchObject([
      { definition: { name: 'default', component: 'HarbourChart@helm.slipway.dev/v1', values: { replicas: 2 } } },
      { definition: { name: 'ha', values: { replicas: 5 } } },
    ]);
  });

  test('is asked for the kinds that it leaves out by default', async () => {
    const { models } = await extractCharts(
      chart({ 'harbour/templates/crds.yaml': `{{- if .Values.crds.enabled }}\n${crd}{{- end }}\n` }),
    );
    expect(namesOf(models[0]?.members ?? [])).toContain('component Boat@example.org/v1');
    const [installation] = only(models[0], 'installation');
    expect(installation).toMatchObject({
      definition: { namespace: 'harbour', objects: [{ kind: 'ConfigMap' }, { kind: 'CustomResourceDefinition' }] },
    });
  });

  test('that makes up secrets, or has them, is installed as a chart, with no secret in the model', async () => {
    for (const value of ['{{ randAlphaNum 10 }}', 'hunter2']) {
      const secret = `apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: "${value}"}\n`;
      const { models } = await extractCharts(
        chart({ 'harbour/templates/s.yaml': secret, 'harbour/crds/boats.yaml': crd }),
      );
      expect(only(models[0], 'installation')).toMatchObject([
        {
          definition: {
            objects: [
              { kind: 'CustomResourceDefinition' },
              {
                kind: 'HarbourChart',
                apiVersion: 'helm.slipway.dev/v1',
                metadata: { name: 'harbour' },
                spec: { crds: { enabled: true } },
              },
            ],
          },
        },
      ]);
      expect(JSON.stringify(only(models[0], 'installation'))).not.toContain('hunter2');
    }
  });

  test('that depends on others says so as relationships', async () => {
    const { models, findings } = await extractCharts(
      chart({}, 'dependencies:\n- {name: postgresql, version: 12.x, repository: "https://charts.example.org"}\n'),
    );
    expect(only(models[0], 'relationship')).toMatchObject([
      {
        definition: {
          name: 'harbour-depends-on-postgresql',
          order: null,
          foundBy: { how: 'chartDependency', place: 'Chart.yaml' },
          selectors: [{ allow: { from: [{ kind: 'PostgresqlChart' }], to: [{ kind: 'HarbourChart' }] } }],
          metadata: { version: '12.x', repository: 'https://charts.example.org' },
        },
      },
    ]);
    expect(findings).toMatchObject([{ severity: 'warning', code: 'chart.dependencyMissing' }]);
  });

  test('that cannot be rendered is rejected with the words and the place, and its kinds are there all the same', async () => {
    const { models } = await extractCharts(
      chart({ 'harbour/crds/boats.yaml': crd, 'harbour/templates/bad.yaml': '{{ required "say who" .Values.who }}' }),
    );
    expect(namesOf(models[0]?.members ?? [])).toContain('component Boat@example.org/v1');
    expect(only(models[0], 'rejected')).toMatchObject([
      { findings: [{ severity: 'error', code: 'helm.failed', file: 'harbour/templates/bad.yaml' }] },
    ]);
  });

  test('that renders what is no object says so, and installs the rest', async () => {
    const { models, findings } = await extractCharts(
      chart({ 'harbour/templates/bad.yaml': 'apiVersion: v1\nkind: Pod\nmetadata: {name: 7}\n' }),
    );
    expect(only(models[0], 'installation')).toMatchObject([{ definition: { objects: [{ kind: 'ConfigMap' }] } }]);
    expect(findings).toMatchObject([
      { severity: 'warning', code: 'helm.notAnObject', message: expect.stringContaining('metadata.name') },
    ]);
  });

  test('without helm keeps what its files say, and says what is missing', async () => {
    const { models, findings } = await extractAll(chart({ 'harbour/crds/boats.yaml': crd }), {
      scratch: await testScratch(),
    });
    expect(namesOf(models[0]?.members ?? [])).toContain('component Boat@example.org/v1');
    expect(findings).toMatchObject([{ severity: 'warning', code: 'helm.missing' }]);
  });

  test('among several in a repository is one of several models, and one in a chart belongs to it', async () => {
    const { models } = await extractCharts(
      textTree({
        'charts/a/Chart.yaml': 'apiVersion: v2\nname: a\nversion: 1.0.0\n',
        'charts/a/charts/inner/Chart.yaml': 'apiVersion: v2\nname: inner\nversion: 1.0.0\n',
        'charts/b/Chart.yaml': 'apiVersion: v2\nname: b\nversion: 2.0.0\n',
        'README.md': '# charts',
      }),
    );
    expect(models.map(({ head }) => `${head.model.name}@${head.model.version}`)).toEqual(['a@1.0.0', 'b@2.0.0']);
  });
});
