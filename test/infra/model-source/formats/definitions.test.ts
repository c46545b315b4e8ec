import { describe, expect, test } from 'vitest';
import type { JsonObject } from '../../../../domain/json.ts';
import { extractAll, folderTree, namesOf, textTree } from './extraction.ts';
import type { Finding } from '../../../../domain/finding.ts';

const fixtures = 'test/fixtures/registry';

describe('a package of Meshery', () => {
  test('is one model with its components, by what its files hold and not by what they are called', async () => {
    const { models, findings } = await extractAll(folderTree(`${fixtures}/meshery__meshery/models/accurate`));
    expect(findings).toEqual([]);
    expect(models.map(({ head }) => [head.model.name, head.model.version, head.definitionVersion])).toEqual([
      ['accurate', 'v2.0.0', 'v1.0.0'],
    ]);
    expect(models.map(({ members }) => namesOf(members))).toEqual([['component SubNamespace@accurate.cybozu.com/v2']]);
  });

  test('and its overrides give a model of another name', async () => {
    const { models } = await extractAll(folderTree(`${fixtures}/meshery__meshery/models/accurate`), {
      overrides: { name: 'precise', version: '3', category: 'Tools' },
    });
    expect(models[0]?.head.model).toMatchObject({
      name: 'precise',
      version: '3',
      category: 'Tools',
      displayName: 'Accurate',
    });
  });

  test('with a component that is broken says so and goes on', async () => {
    const { models } = await extractAll(
      textTree({
        'm/v1/v1.0.0/model.json': '{"schemaVersion":"models.meshery.io/v1beta1","name":"m","model":{"version":"v1"}}',
        'm/v1/v1.0.0/components/A.json':
          '{"schemaVersion":"components.meshery.io/v1beta1","component":{"kind":"A","version":"x/v1","schema":"nothing"}}',
        'm/v1/v1.0.0/components/B.json':
          '{"schemaVersion":"components.meshery.io/v1beta1","component":{"kind":"B","version":"x/v1","schema":"{}"}}',
        'm/v1/v1.0.0/components/C.json': '{"schemaVersion":',
      }),
    );
    expect(models.map(({ members }) => namesOf(members))).toEqual([
      ['rejected m/v1/v1.0.0/components/A.json', 'component B@x/v1', 'rejected m/v1/v1.0.0/components/C.json'],
    ]);
  });
});

describe("Meshery's components without a package", () => {
  test('make one model for each version that they name', async () => {
    const { models } = await extractAll(folderTree(`${fixtures}/meshery__meshery-istio/meshmodel`));
    expect(models.map(({ head, members }) => [head.model.name, head.model.version, members.length])).toEqual([
      ['istio', '1.23.2', 5],
      ['istio', '1.25.0', 25],
    ]);
  });

  test('and relationships make the models that they name', async () => {
    const { models } = await extractAll(folderTree(`${fixtures}/meshery__meshery/server`));
    expect(models.map(({ head, members }) => [head.model.name, head.model.version, ...namesOf(members)])).toEqual([
      ['cert-manager', 'v1.16.0', 'relationship hierarchical-parent-inventory-from-secret-to-issuer'],
      ['kubernetes', 'v1.32.0-alpha.3', 'relationship edge-binding-permission-hilyz'],
    ]);
  });
});

const crdOf = (kind: string): JsonObject => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: `${kind.toLowerCase()}s.example.org` },
  spec: {
    group: 'example.org',
    scope: 'Cluster',
    names: { kind, plural: `${kind.toLowerCase()}s` },
    versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
  },
});

describe('definitions of kinds', () => {
  test('make a model named after their group, and what says no version says so', async () => {
    const { models, findings } = await extractAll(folderTree(`${fixtures}/meshery__meshery-operator`));
    expect(models.map(({ head }) => [head.model.name, head.model.version])).toEqual([['meshery-io', 'v0.0.0']]);
    expect(namesOf(models[0]?.members ?? []).filter((name) => name.startsWith('component'))).toEqual([
      'component Broker@meshery.io/v1alpha1',
      'component Broker@meshery.io/v1alpha2',
      'component MeshSync@meshery.io/v1alpha1',
      'component MeshSync@meshery.io/v1alpha2',
    ]);
    expect(findings).toMatchObject([{ severity: 'warning', code: 'model.noVersion', subject: 'meshery-io' }]);
  });

  test('take name and version of their source before their labels, which go before their group', async () => {
    const crd = `apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata:
  name: boats.example.org
  labels: {app.kubernetes.io/part-of: harbour, app.kubernetes.io/version: v2.1.0}
spec:
  group: example.org
  scope: Namespaced
  names: {kind: Boat, plural: boats}
  versions: [{name: v1, served: true, storage: true, schema: {openAPIV3Schema: {type: object}}}]
`;
    const labelled = await extractAll(textTree({ 'boats.yaml': crd }));
    expect(labelled.models[0]?.head.model).toMatchObject({ name: 'harbour', version: 'v2.1.0' });
    const known = await extractAll(textTree({ 'boats.yaml': crd }), { known: { name: 'fleet', version: 'v3' } });
    expect(known.models[0]?.head.model).toMatchObject({ name: 'fleet', version: 'v3' });
  });

  test('among other manifests and in lists are found, with a place for each', async () => {
    const list = { apiVersion: 'v1', kind: 'List', items: [crdOf('A'), { kind: 'ConfigMap' }, crdOf('B')] };
    const { models } = await extractAll(textTree({ 'all.json': JSON.stringify(list) }), {
      overrides: { name: 'all', version: 'v1' },
    });
    const components = models.flatMap(({ members }) => members).filter(({ type }) => type === 'component');
    expect(components.map(({ place }) => place)).toEqual(['all.json', 'all.json#3']);
  });
});

describe('a source without definitions', () => {
  test('says what was looked for', async () => {
    const { models, findings } = await extractAll(
      textTree({
        'README.md': '# Hello',
        'deployment.yaml': 'kind: Deployment\napiVersion: apps/v1\nmetadata: {name: a}',
      }),
    );
    expect(models).toEqual([]);
    expect(findings).toMatchObject([{ severity: 'error', code: 'source.nothing' }]);
  });
});

const boat = (schema: object): string =>
  JSON.stringify({
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: 'boats.example.org' },
    spec: {
      group: 'example.org',
      scope: 'Namespaced',
      names: { kind: 'Boat', plural: 'boats' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: schema } }],
    },
  });

const ofComponents = (findings: readonly Finding[]) => findings.filter(({ message }) => message.includes('component'));

describe('a definition that stands twice', () => {
  const one = boat({ type: 'object', properties: { sails: { type: 'integer' } } });
  const known = { name: 'harbour', version: 'v1' };

  test('with the same content is a note', async () => {
    const { findings } = await extractAll(textTree({ 'a.json': one, 'b.json': one }), { known });
    expect(ofComponents(findings)).toMatchObject([{ severity: 'note', code: 'member.repeated', file: 'b.json' }]);
  });

  test('with different content is a warning that says which is taken', async () => {
    const other = boat({ type: 'object', properties: { sails: { type: 'string' } } });
    const { models, findings } = await extractAll(textTree({ 'a.json': one, 'b.json': other }), { known });
    expect(namesOf(models[0]?.members ?? []).filter((name) => name.includes('Boat'))).toEqual([
      'component Boat@example.org/v1',
    ]);
    expect(ofComponents(findings)).toMatchObject([
      {
        severity: 'warning',
        code: 'member.contradicted',
        message:
          'The component Boat@example.org/v1 stands twice and says different things; the one in a.json is taken.',
        file: 'b.json',
      },
    ]);
  });
});
