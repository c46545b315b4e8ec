import { globSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { jsonObjectSchema, type JsonObject } from '../../../domain/json.ts';
import { componentDefinitionSchema, type ComponentDefinition } from '../../../domain/registry/component-definition.ts';
import { deriveRelationships, referencesOf } from '../../../domain/registry/derive-relationships.ts';
import { fromMesheryComponent } from '../../../domain/registry/from-meshery-component.ts';
import type { RelationshipDefinition } from '../../../domain/registry/relationship-definition.ts';

const fixtures = 'test/fixtures/registry';

function component(kind: string, properties: JsonObject, version = 'v1'): ComponentDefinition {
  return componentDefinitionSchema.parse({
    kind,
    apiVersion: `example.org/${version}`,
    displayName: kind,
    scope: 'namespaced',
    schema: { type: 'object', properties: { spec: { type: 'object', properties } } },
  });
}

const text = { type: 'string' };
const named = (properties: JsonObject = {}): JsonObject => ({
  type: 'object',
  properties: { name: text, ...properties },
});

function derived(...components: readonly ComponentDefinition[]): readonly RelationshipDefinition[] {
  return deriveRelationships(components.map(referencesOf), components);
}

/** `spec.secretName -> Secret@v1`. */
function shown(relationships: readonly RelationshipDefinition[]): readonly string[] {
  return relationships.map(({ selectors, foundBy }) => {
    const { from, to } = selectors[0]?.allow ?? { from: [], to: [] };
    const targets = foundBy.how === 'selector' ? to : from;
    return `${foundBy.place} -> ${targets.map(({ kind, apiVersion }) => `${kind}@${apiVersion}`).join(', ')}`;
  });
}

function realComponents(pattern: string): readonly ComponentDefinition[] {
  return globSync(`${fixtures}/${pattern}`)
    .toSorted()
    .flatMap((file) => {
      const value = jsonObjectSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
      return fromMesheryComponent({ value, locate: () => undefined }).definition ?? [];
    });
}

describe('fields that name other objects', () => {
  test.each<[string, JsonObject, readonly string[]]>([
    ['a name of a kind of Kubernetes', { secretName: text }, ['spec.secretName -> Secret@v1']],
    ['with words before it', { tlsSecretName: text }, ['spec.tlsSecretName -> Secret@v1']],
    ['a class', { storageClassName: text }, ['spec.storageClassName -> StorageClass@storage.k8s.io/*']],
    [
      'a reference with a key',
      { passwordSecretRef: named({ key: text }) },
      ['spec.passwordSecretRef.name -> Secret@v1'],
    ],
    ['a key reference', { configMapKeyRef: named({ key: text }) }, ['spec.configMapKeyRef.name -> ConfigMap@v1']],
    [
      'a list of references',
      { pullSecrets: { type: 'array', items: named() } },
      ['spec.pullSecrets[].name -> Secret@v1'],
    ],
    ['a list of names', { secrets: { type: 'array', items: text } }, ['spec.secrets[] -> Secret@v1']],
    [
      'a preset kind of a preset group',
      {
        parentRefs: {
          type: 'array',
          items: named({
            kind: { ...text, default: 'Gateway' },
            group: { ...text, default: 'gateway.networking.k8s.io' },
          }),
        },
      },
      ['spec.parentRefs[].name -> Gateway@gateway.networking.k8s.io/*'],
    ],
    [
      'kinds to choose from, whatever the field is called',
      { valuesFrom: { type: 'array', items: named({ kind: { ...text, enum: ['Secret', 'ConfigMap'] } }) } },
      ['spec.valuesFrom[].name -> Secret@v1, ConfigMap@v1'],
    ],
    [
      'the documentation',
      { credentialName: { ...text, description: 'The name of the secret that holds the certificates.' } },
      ['spec.credentialName -> Secret@v1'],
    ],
  ])('are found by %s', (_what, properties, expected) => {
    expect(shown(derived(component('Boat', properties)))).toEqual(expected);
  });

  test.each<[string, JsonObject]>([
    [
      'lists of names that forbid or allow',
      { deniedSecrets: { type: 'array', items: text }, notServiceAccounts: { type: 'array', items: text } },
    ],
    ['references to kinds that nothing tells', { targetRef: named({ kind: text }), thingRef: named() }],
    ['names of other things', { commonName: text, dnsName: text, hostname: text, name: text }],
    ['users and groups', { subjects: { type: 'array', items: named({ kind: { ...text, enum: ['User', 'Group'] } }) } }],
    ['texts called like a kind', { secret: text, service: text }],
  ])('are not seen in %s', (_what, properties) => {
    expect(shown(derived(component('Boat', properties)))).toEqual([]);
  });

  test('lead to the kinds of the same model by their names, and to those for a whole cluster', () => {
    const issuerRef = named({ kind: text, group: text });
    const relationships = derived(
      component('Certificate', { issuerRef }),
      component('Issuer', {}),
      component('ClusterIssuer', {}),
    );
    expect(relationships).toMatchObject([
      {
        name: 'certificate-spec-issuerref-name-issuer-clusterissuer',
        kind: 'edge',
        type: 'non-binding',
        subType: 'reference',
        order: { first: 'from', needs: 'exists' },
        foundBy: { how: 'schemaField', place: 'spec.issuerRef.name' },
        selectors: [
          {
            allow: {
              from: [
                {
                  kind: 'Issuer',
                  apiVersion: 'example.org/*',
                  patch: { mutatorRef: [['component', 'kind'], ['displayName']] },
                },
                { kind: 'ClusterIssuer' },
              ],
              to: [
                {
                  kind: 'Certificate',
                  patch: {
                    mutatedRef: [
                      ['configuration', 'spec', 'issuerRef', 'kind'],
                      ['configuration', 'spec', 'issuerRef', 'name'],
                    ],
                  },
                },
              ],
            },
          },
        ],
      },
    ]);
  });

  test('whose object the controller makes order nothing', () => {
    const secretName = {
      ...text,
      description: 'Name of the Secret that will be automatically created by this Certificate.',
    };
    const connection = { ...named({ namespace: text }), description: 'A Secret to which details should be written.' };
    const orders = derived(component('Certificate', { secretName, writeConnectionSecretToRef: connection })).map(
      ({ order }) => order,
    );
    expect(orders).toEqual([null, null]);
  });

  test('of several versions of a kind are one relationship', () => {
    const relationships = derived(
      component('Boat', { secretName: text }),
      component('Boat', { secretName: text }, 'v1beta1'),
    );
    expect(relationships.map(({ name }) => name)).toEqual(['boat-spec-secretname-secret']);
  });

  test('in a pod are one relationship for each kind, with the fields as alternatives', () => {
    const env = {
      type: 'array',
      items: { type: 'object', properties: { valueFrom: { type: 'object', properties: { secretKeyRef: named() } } } },
    };
    const containers = { type: 'array', items: { type: 'object', properties: { image: text, env } } };
    const volumes = {
      type: 'array',
      items: { type: 'object', properties: { secret: { type: 'object', properties: { secretName: text } } } },
    };
    const relationships = derived(
      component('Boat', {
        template: { type: 'object', properties: { containers, initContainers: containers, volumes } },
      }),
    );
    expect(relationships.map(({ type, subType, foundBy }) => [type, subType, foundBy.place])).toEqual([
      [
        'non-binding',
        'reference',
        'spec.template.containers[].env[].valueFrom.secretKeyRef.name, spec.template.initContainers[].env[].valueFrom.secretKeyRef.name',
      ],
      ['binding', 'mount', 'spec.template.volumes[].secret.secretName'],
    ]);
  });
});

describe('fields that select other objects', () => {
  const labels = { type: 'object', properties: { matchLabels: { type: 'object', additionalProperties: text } } };

  test('by labels lead to the kind that they are named after', () => {
    const relationships = derived(
      component('Boat', { sailSelector: labels, namespaceSelector: labels }),
      component('Sail', {}),
    );
    expect(shown(relationships)).toEqual([
      'spec.sailSelector.matchLabels -> Sail@example.org/*',
      'spec.namespaceSelector.matchLabels -> Namespace@v1',
    ]);
    expect(relationships[0]).toMatchObject({
      order: null,
      foundBy: { how: 'selector' },
      selectors: [
        {
          allow: {
            from: [{ kind: 'Boat', patch: { mutatorRef: [['configuration', 'spec', 'sailSelector', 'matchLabels']] } }],
            to: [{ kind: 'Sail', patch: { mutatedRef: [['configuration', 'metadata', 'labels']] } }],
          },
        },
      ],
    });
  });

  test('without a name lead where their documentation says, or nowhere', () => {
    const described = { ...labels, description: 'Labels of the pods to which this applies.' };
    expect(shown(derived(component('Boat', { selector: described })))).toEqual([
      'spec.selector.matchLabels -> Pod@v1, Deployment@apps/*, StatefulSet@apps/*, DaemonSet@apps/*',
    ]);
    expect(derived(component('Boat', { selector: labels }))).toEqual([]);
  });
});

describe('real models', () => {
  test('Istio: certificates of gateways, workloads of policies, accounts of workloads', () => {
    const places = shown(derived(...realComponents('meshery__meshery-istio/meshmodel/components/1.25.0/*.json')));
    expect(places).toContain('spec.servers[].tls.credentialName -> Secret@v1');
    expect(places).toContain('spec.template.serviceAccount -> ServiceAccount@v1');
    expect(places).toContain(
      'spec.workloadSelector.matchLabels -> Pod@v1, Deployment@apps/*, StatefulSet@apps/*, DaemonSet@apps/*',
    );
    expect(places).toHaveLength(12);
  });

  test('Crossplane, Cilium and Gateway API: only what is one', () => {
    expect(shown(derived(...realComponents('meshery__meshkit/generators/*/*/*.json')))).toEqual([
      'spec.packagePullSecrets[].name -> Secret@v1',
    ]);
    expect(shown(derived(...realComponents('meshery__meshery-cilium/meshmodel/**/*.json')))).toEqual([
      'spec.selectors[].namespaceSelector.matchLabels -> Namespace@v1',
      'spec.selectors[].podSelector.matchLabels -> Pod@v1, Deployment@apps/*, StatefulSet@apps/*, DaemonSet@apps/*',
    ]);
  });
});
