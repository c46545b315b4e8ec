import { beforeAll, describe, expect, test } from 'vitest';
import { provision } from '../../../../infra/runtime/provision.ts';
import { extractAll, folderTree, namesOf, textTree } from './extraction.ts';

let kustomize = '';

beforeAll(async () => {
  kustomize = await provision('kustomize', { environment: process.env, onProgress: () => undefined });
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

const repository = {
  'config/crd/bases/boats.yaml': crd,
  'config/crd/kustomization.yaml': 'resources: [bases/boats.yaml]\n',
  'config/manager/manager.yaml':
    'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: manager}\nspec: {replicas: 1}\n',
  'config/manager/kustomization.yaml': 'resources: [manager.yaml]\n',
  'config/default/kustomization.yaml':
    'namePrefix: harbour-\ncommonLabels: {app: harbour}\nresources: [../crd, ../manager]\n',
};

describe('a repository with kustomizations', () => {
  test('gives the kinds and the operator that its default one builds', async () => {
    const { models, findings } = await extractAll(textTree(repository), {
      programs: { kustomize },
      known: { name: 'harbour', version: 'v1' },
    });
    expect(findings.filter(({ code }) => code !== 'member.repeated')).toEqual([]);
    expect(findings.filter(({ severity }) => severity !== 'note')).toEqual([]);
    expect(models).toHaveLength(1);
    expect(namesOf(models[0]?.members ?? [])).toEqual(
      expect.arrayContaining([
        'component Boat@example.org/v1',
        expect.stringMatching(/^installation .*harbour-manager/),
      ]),
    );
  });

  test('that name what is elsewhere are read file by file, with a warning', async () => {
    const remote = {
      ...repository,
      'config/default/kustomization.yaml': 'resources: [../crd, "https://example.org/x"]\n',
    };
    const { models, findings } = await extractAll(textTree(remote), {
      programs: { kustomize },
      known: { name: 'harbour', version: 'v1' },
    });
    expect(namesOf(models[0]?.members ?? [])).toContain('component Boat@example.org/v1');
    expect(findings).toMatchObject([{ severity: 'warning', code: 'kustomize.remote' }]);
  });

  test('gives the kinds that come through a kustomization alone', async () => {
    const files = {
      'boats.crd': crd,
      'manager.txt': repository['config/manager/manager.yaml'],
      'kustomization.yaml': 'resources: [boats.crd, manager.txt]\nnamePrefix: harbour-\n',
    };
    const { models, findings } = await extractAll(textTree(files), {
      programs: { kustomize },
      known: { name: 'harbour', version: 'v1' },
    });
    expect(findings).toEqual([]);
    expect(namesOf(models[0]?.members ?? [])).toEqual(
      expect.arrayContaining([
        'component Boat@example.org/v1',
        expect.stringMatching(/^installation .*harbour-manager/),
      ]),
    );
  });

  test.each([
    ['https://example.org/x', 'kustomize.remote', /fetched from elsewhere/],
    ['github.com/example/boats//config?ref=v1', 'kustomize.remote', /fetched from elsewhere/],
    ['../../../etc/passwd', 'kustomize.outside', /"\.\.\/\.\.\/\.\.\/etc\/passwd" leads out of the folder/],
    ['/etc/passwd', 'kustomize.outside', /"\/etc\/passwd" leads out of the folder/],
    ['none.yaml', 'kustomize.missingFile', /"none.yaml" is not among the files/],
  ])('that name %s and bring nothing else are refused, with the place', async (resource, code, message) => {
    const files = { 'boats.crd': crd, 'kustomization.yaml': `resources:\n- boats.crd\n- ${resource}\n` };
    const { models, findings } = await extractAll(textTree(files), { programs: { kustomize } });
    expect(models).toEqual([]);
    expect(findings).toMatchObject([
      { severity: 'error', code, message: expect.stringMatching(message), file: 'kustomization.yaml', line: 3 },
    ]);
  });

  test('and without kustomize are read file by file', async () => {
    const { models, findings } = await extractAll(textTree(repository), { known: { name: 'harbour', version: 'v1' } });
    expect(namesOf(models[0]?.members ?? [])).toContain('component Boat@example.org/v1');
    expect(findings).toMatchObject([{ severity: 'warning', code: 'kustomize.missing' }]);
  });
});

test('archives of designs alone do no harm: nothing is a model, and what they are is said', async () => {
  const { models, findings } = await extractAll(
    textTree({
      'design.yml': 'name: shop\nschemaVersion: designs.meshery.io/v1beta1\ncomponents: []\n',
      'artifacthub-pkg.yml': 'version: 1',
    }),
  );
  expect(models).toEqual([]);
  expect(findings.map(({ code }) => code)).toEqual(['source.designs', 'source.nothing']);
});

test('the manifests of the field are looked through without harm', async () => {
  const { models } = await extractAll(folderTree('test/fixtures/designs'), { programs: { kustomize } });
  const rejected = models.flatMap(({ members }) => members.filter(({ type }) => type === 'rejected'));
  expect(models.map(({ head }) => head.model.name)).toContain('meshery-io');
  expect(rejected).toEqual([]);
});
