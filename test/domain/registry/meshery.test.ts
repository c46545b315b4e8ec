import { globSync, readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { SourceDocument } from '../../../domain/design/source-document.ts';
import { jsonObjectSchema, type JsonValue } from '../../../domain/json.ts';
import { fromMesheryComponent } from '../../../domain/registry/from-meshery-component.ts';
import { fromMesheryModel, registrantOf } from '../../../domain/registry/from-meshery-model.ts';
import { fromMesheryRelationship } from '../../../domain/registry/from-meshery-relationship.ts';
import { resolveModel } from '../../../domain/registry/model-hints.ts';
import type { ModelHead } from '../../../domain/registry/model-member.ts';
import { relationshipDefinitionSchema } from '../../../domain/registry/relationship-definition.ts';
import { toMesheryComponent, toMesheryModel, toMesheryRelationship } from '../../../domain/registry/to-meshery.ts';

const fixtures = 'test/fixtures/registry';
const componentFiles = [
  ...globSync(`${fixtures}/meshery__meshery/models/**/components/*.json`),
  ...globSync(`${fixtures}/meshery__meshkit/generators/**/*.json`),
  ...globSync(`${fixtures}/*/meshmodel/components/**/*.json`),
  `${fixtures}/meshery__schemas/component_template.json`,
].toSorted();
const relationshipFiles = globSync(`${fixtures}/meshery__meshery/server/**/relationships/*.json`).toSorted();
const modelFile = `${fixtures}/meshery__meshery/models/accurate/v2.0.0/v1.0.0/model.svgtrimmed.json`;

function documentOf(value: JsonValue): SourceDocument {
  return { value, locate: () => undefined };
}

function read(file: string): SourceDocument {
  return documentOf(jsonObjectSchema.parse(JSON.parse(readFileSync(file, 'utf8'))));
}

const { head }: { readonly head: ModelHead } = resolveModel(
  [fromMesheryModel(jsonObjectSchema.parse(read(modelFile).value))],
  'x',
);
const id = '3f1b2a30-0000-5000-8000-000000000000';

describe('a model of Meshery', () => {
  test('keeps both of its versions, its category and what Slipway does not interpret', () => {
    expect(head).toMatchObject({
      definitionVersion: 'v1.0.0',
      model: {
        name: 'accurate',
        version: 'v2.0.0',
        displayName: 'Accurate',
        category: 'Provisioning',
        subCategory: 'Security & Compliance',
        metadata: {
          shape: 'circle',
          primaryColor: '#14191f',
          meshery: { registrant: { kind: 'github', name: 'Github', type: 'registry' } },
        },
      },
    });
  });

  test('is the same after it was written and read again', () => {
    const again = resolveModel([fromMesheryModel(toMesheryModel({ head, id }))], 'x');
    expect(again).toEqual({ head, findings: [] });
  });

  test('that an old component carries gives its name, version and category', () => {
    const old = read(
      `${fixtures}/meshery__meshery-cilium/meshmodel/components/v1.12.13/ciliumegressgatewaypolicy.meshery.layer5.io_meshmodel.json`,
    );
    const hints = fromMesheryModel(jsonObjectSchema.parse(jsonObjectSchema.parse(old.value)['model']));
    expect(resolveModel([hints], 'x').head.model).toMatchObject({
      name: 'cilium-service-mesh',
      version: 'v1.12.13',
      displayName: 'CILIUM_SERVICE_MESH',
      category: 'Cloud Native Network',
    });
  });

  test('says where it came from when it says so in words that can be followed', () => {
    const metadata = { source_uri: 'git://github.com/cybozu-go/accurate/main/config' };
    expect(registrantOf({ registrant: { kind: 'github' }, metadata })).toEqual({
      kind: 'git',
      address: 'git://github.com/cybozu-go/accurate/main/config',
    });
    expect(registrantOf({ registrant: { kind: '' } })).toBeUndefined();
  });
});

const component = (schema: JsonValue): SourceDocument =>
  documentOf({ component: { kind: 'Boat', version: 'example.org/v1', schema } });

describe('components of Meshery', () => {
  test('cover the old and the new formats', () => {
    expect(componentFiles.length).toBeGreaterThan(20);
  });

  test.each(componentFiles.map((file) => [file.slice(fixtures.length + 1), file]))(
    '%s: written and read again it is the same',
    (name, file) => {
      const { definition, findings } = fromMesheryComponent(read(file));
      if (name.includes('component_template')) {
        expect(findings.map(({ path }) => path)).toContain('kind');
        return;
      }
      const isBroken = /(zipkin|jaeger)istioaddon/.test(name);
      expect(findings.map(({ code }) => code)).toEqual(isBroken ? ['component.schemaRepaired'] : []);
      if (definition === undefined) throw new Error('no definition');
      const written = toMesheryComponent({ head, definition, id });
      expect(fromMesheryComponent(documentOf(written))).toEqual({ definition, findings: [] });
    },
  );

  test('keep styles, capabilities and the flags of their metadata', () => {
    const { definition } = fromMesheryComponent(
      read(`${fixtures}/meshery__meshery/models/accurate/v2.0.0/v1.0.0/components/SubNamespace.svgtrimmed.json`),
    );
    expect(definition).toMatchObject({
      kind: 'SubNamespace',
      apiVersion: 'accurate.cybozu.com/v2',
      displayName: 'Sub Namespace',
      scope: 'namespaced',
      adapter: 'kubernetes',
      schema: { properties: { spec: { description: 'Spec is the spec of SubNamespace.' } } },
      metadata: { isAnnotation: false, meshery: { styles: { shape: 'circle' } } },
    });
    expect(jsonObjectSchema.parse(definition?.metadata['meshery'])['capabilities']).toHaveLength(8);
  });

  test('that stand for a whole mesh belong to its adapter and are no kind of Kubernetes', () => {
    const { definition } = fromMesheryComponent(
      read(`${fixtures}/meshery__meshery-istio/meshmodel/components/1.23.2/istioMesh_meshmodel.json`),
    );
    expect(definition).toMatchObject({ kind: 'IstioMesh', adapter: 'istio', scope: null });
  });

  test('with an empty schema take anything; with a broken one they are refused', () => {
    expect(fromMesheryComponent(component('')).definition?.schema).toEqual({});
    expect(fromMesheryComponent(component('{')).findings).toMatchObject([
      { severity: 'error', code: 'component.schema', path: 'component.schema' },
    ]);
  });
});

const relationship = (spelling: { readonly matrix: string; readonly query: string }): JsonValue => ({
  kind: 'edge',
  type: 'binding',
  [spelling.query]: 'q',
  selectors: [
    {
      allow: {
        from: [{ kind: 'A', [spelling.matrix]: [['equal']] }],
        to: [{ kind: 'B', patch: { mutated_ref: [['a', 0]] } }],
      },
    },
  ],
});

describe('relationships of Meshery', () => {
  test.each(relationshipFiles.map((file) => [basename(file, '.json'), file]))(
    '%s: written and read again it is the same',
    (name, file) => {
      const { definition, findings } = fromMesheryRelationship(read(file), name);
      expect(findings).toEqual([]);
      if (definition === undefined) throw new Error('no definition');
      expect(definition.name).toBe(name);
      const written = toMesheryRelationship({ head, definition, id });
      expect(fromMesheryRelationship(documentOf(written), 'other')).toEqual({ definition, findings: [] });
    },
  );

  test('keep misspelt queries and strategies outside of the list, and drop empty models and matches', () => {
    const file = relationshipFiles.find((path) => path.includes('from-secret-to-issuer')) ?? '';
    expect(fromMesheryRelationship(read(file), 'secret-issuer').definition).toMatchObject({
      kind: 'hierarchical',
      type: 'parent',
      subType: 'inventory',
      evaluationQuery: 'heirarchical_inventory_relationship',
      foundBy: { how: 'written' },
      selectors: [
        {
          allow: {
            from: [
              {
                kind: 'Secret',
                model: { name: 'kubernetes' },
                patch: { strategy: 'replace', mutatorRef: [['displayName']] },
              },
            ],
            to: [
              {
                kind: 'Issuer',
                patch: { strategy: 'replace', mutatedRef: [['configuration', 'spec', 'ca', 'secretName']] },
              },
            ],
          },
        },
      ],
    });
  });

  test('are read in either spelling of their keys', () => {
    const old = fromMesheryRelationship(
      documentOf(relationship({ matrix: 'match_strategy_matrix', query: 'evaluation_query' })),
      'r',
    );
    const current = fromMesheryRelationship(
      documentOf(relationship({ matrix: 'matchStrategyMatrix', query: 'evaluationQuery' })),
      'r',
    );
    expect(old).toEqual(current);
    expect(old.definition?.selectors[0]?.allow).toMatchObject({
      from: [{ matchStrategyMatrix: [['equal']] }],
      to: [{ patch: { strategy: 'copy', mutatedRef: [['a', '0']] } }],
    });
  });

  test('without selectors are refused', () => {
    const { findings } = fromMesheryRelationship(read(`${fixtures}/meshery__schemas/relationship_template.json`), 'r');
    expect(findings).toMatchObject([{ severity: 'error', path: 'selectors' }]);
  });

  test('that Slipway wrote say how they were found and what they order', () => {
    const definition = {
      name: 'certificate-to-issuer',
      kind: 'edge',
      type: 'non-binding',
      subType: 'reference',
      description: '',
      selectors: [
        {
          allow: { from: [{ kind: 'Certificate' }], to: [{ kind: 'Issuer' }] },
          deny: { from: [], to: [{ kind: 'X' }] },
        },
      ],
      order: { first: 'to', needs: 'ready' },
      foundBy: { how: 'schemaField', place: 'spec.issuerRef' },
      metadata: {},
    } as const;
    const written = toMesheryRelationship({
      head,
      id,
      definition: relationshipDefinitionSchema.parse(definition),
    });
    expect(fromMesheryRelationship(documentOf(written), 'other').definition).toEqual(definition);
  });
});
