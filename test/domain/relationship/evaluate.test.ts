import { expect, test } from 'vitest';
import { relationshipDefinitionSchema } from '../../../domain/registry/relationship-definition.ts';
import { allow, displayName, evaluate, field, gives, linesOf, objectOf, relationship, takes } from './relationships.ts';

const secretOfIssuer = relationship({
  kind: 'edge',
  type: 'binding',
  subType: 'reference',
  selectors: [allow(gives('Secret', displayName), takes('Issuer', field('spec.ca.secretName')))],
});
const namespaceOfAll = relationship({
  name: 'in-namespace',
  kind: 'hierarchical',
  type: 'parent',
  subType: 'inventory',
  selectors: [allow(gives('Namespace', displayName), takes('*', field('metadata.namespace')))],
});
const serviceOfDeployment = relationship({
  kind: 'edge',
  type: 'non-binding',
  subType: 'network',
  selectors: [
    allow(
      gives('Service', field('spec.selector'), field('spec.ports._.targetPort')),
      takes(
        'Deployment',
        field('spec.template.metadata.labels'),
        field('spec.template.spec.containers._.ports.0.containerPort'),
      ),
    ),
  ],
});

const secret = (name: string, namespace = 'shop') => `
---
apiVersion: v1
kind: Secret
metadata: { name: ${name}, namespace: ${namespace} }`;
const issuer = (name: string, secretName: string, more = '') => `
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: { name: ${name}, namespace: shop${more} }
spec: { ca: { secretName: ${secretName} } }`;

test('components go together when the one names the other, and an edge says why and which goes first', () => {
  const { edges, changes, findings, missing } = evaluate(secret('key') + issuer('ca', 'key'), [secretOfIssuer]);
  expect(edges).toEqual([
    {
      from: 'secret-key',
      to: 'issuer-ca',
      why: 'Issuer shop/ca references Secret shop/key',
      path: 'spec.ca.secretName',
      order: { first: 'from', needs: 'exists' },
      relationship: {
        name: 'rule',
        model: 'shop-model@v1.0.0',
        kind: 'edge',
        type: 'binding',
        subType: 'reference',
      },
    },
  ]);
  expect([changes, findings, missing]).toEqual([[], [], []]);
});

test('a name means what is in the own namespace', () => {
  expect(evaluate(secret('key', 'other') + issuer('ca', 'key'), [secretOfIssuer]).edges).toEqual([]);
});

const gateway = (refs: string) => `
---
apiVersion: example.com/v1
kind: Gateway
metadata: { name: edge, namespace: shop }
spec: { refs: ${refs} }`;

test('a relationship that speaks of namespaces reaches into others', () => {
  const across = relationship({
    kind: 'edge',
    type: 'non-binding',
    subType: 'reference',
    selectors: [
      allow(
        gives('Secret', displayName, field('metadata.namespace')),
        takes('Gateway', field('spec.refs._.name'), field('spec.refs._.namespace')),
      ),
    ],
  });
  const lines = (refs: string) =>
    linesOf(evaluate(secret('key', 'other') + secret('tls') + gateway(refs), [across]).edges);
  expect(lines('[{ name: key, namespace: other }]')).toEqual(['secret-key -> gateway-edge']);
  expect(lines('[{ name: key }]')).toEqual([]);
  expect(lines('[{ name: tls }]')).toEqual(['secret-tls -> gateway-edge']);
  expect(lines('[{ name: key, namespace: shop }, { name: gone, namespace: other }]')).toEqual([]);
});

const caOf = (kind: string, deny?: { from: object; to: object }) =>
  allow(gives('Secret', displayName), takes(kind, field('spec.ca.secretName')), deny);

test('sets of selectors are alternatives, and a pair that its set denies is told and gives no edge', () => {
  const manifest = `${secret('key')}${secret('tls')}${issuer('ca', 'key')}
---
apiVersion: cert-manager.io/v1
kind: ClusterIssuer
metadata: { name: root }
spec: { ca: { secretName: tls } }`;
  const rule = relationship({
    kind: 'edge',
    type: 'binding',
    subType: 'reference',
    selectors: [caOf('Issuer'), caOf('ClusterIssuer', { from: { kind: 'Secret' }, to: { kind: '*' } })],
  });
  const { edges, findings } = evaluate(manifest, [rule]);
  expect(linesOf(edges)).toEqual(['secret-key -> issuer-ca']);
  expect(findings).toMatchObject([
    {
      severity: 'warning',
      code: 'relationship.denied',
      message: expect.stringContaining(
        'ClusterIssuer root references Secret shop/tls, which is denied (relationship edge/binding/reference of shop-model@v1.0.0)',
      ),
    },
  ]);
});

const withModel = (apiVersion: string | undefined, model: object | undefined) =>
  relationship({
    kind: 'edge',
    type: 'binding',
    subType: 'reference',
    selectors: [
      allow(gives('Secret', displayName), {
        ...takes('Issuer', field('spec.ca.secretName')),
        ...(apiVersion === undefined ? {} : { apiVersion }),
        ...(model === undefined ? {} : { model: { name: '', ...model } }),
      }),
    ],
  });

test('kind, API version and model select, with * for any text', () => {
  const definitions = [
    { kind: 'Issuer', apiVersion: 'cert-manager.io/v1', model: { name: 'cert-manager', version: 'v1.17.1' } },
  ];
  const count = (apiVersion?: string, model?: object) =>
    evaluate(secret('key') + issuer('ca', 'key'), [withModel(apiVersion, model)], { definitions }).edges.length;
  expect(count('cert-manager.io/v1')).toBe(1);
  expect(count('cert-manager.io/*')).toBe(1);
  expect(count('cert-manager.io/v2')).toBe(0);
  expect(count(undefined, { name: 'cert-manager', version: 'v1.*' })).toBe(1);
  expect(count(undefined, { name: 'cert-manager', version: '' })).toBe(1);
  expect(count(undefined, { name: 'cert-manager', version: 'v2.*' })).toBe(0);
  expect(count(undefined, { name: 'other' })).toBe(0);
});

const webWith = (labels: string, port: string) => `
apiVersion: v1
kind: Service
metadata: { name: web, namespace: shop }
spec: { selector: { app: web }, ports: [{ port: 80, targetPort: 8080 }] }
---
apiVersion: apps/v1
kind: Deployment
metadata: { name: web, namespace: shop }
spec: { template: { metadata: { labels: ${labels} }, spec: { containers: [{ name: web, ports: [${port}] }] } } }`;

test('a selector goes with the labels that hold it, and other fields are compared', () => {
  const same = evaluate(webWith('{ app: web, tier: front }', '{ containerPort: 8080 }'), [serviceOfDeployment]);
  expect(same.edges.map(({ why }) => why)).toEqual(['Service shop/web leads to Deployment shop/web']);
  expect(same.findings).toEqual([]);
  expect(evaluate(webWith('{ tier: front }', '{}'), [serviceOfDeployment]).edges).toEqual([]);
  expect(evaluate(webWith('{ app: web }', '{ containerPort: 9090 }'), [serviceOfDeployment]).findings).toMatchObject([
    {
      code: 'relationship.mismatch',
      subject: 'Deployment shop/web',
      path: 'spec.template.spec.containers[0].ports[0].containerPort',
      message: expect.stringContaining('says 9090 where Service shop/web says 8080'),
    },
  ]);
  const filled = evaluate(webWith('{ app: web }', '{ name: http }'), [serviceOfDeployment]);
  expect(filled.changes).toMatchObject([
    { component: 'deployment-web', path: 'spec.template.spec.containers[0].ports[0].containerPort', value: 8080 },
  ]);
  expect(objectOf(filled.components, 'deployment-web')).toMatchObject({
    spec: { template: { spec: { containers: [{ ports: [{ name: 'http', containerPort: 8080 }] }] } } },
  });
});

const namespace = (name: string) => `
---
apiVersion: v1
kind: Namespace
metadata: { name: ${name} }`;
const settings = (metadata: string) => `
---
apiVersion: v1
kind: ConfigMap
metadata: { name: settings, ${metadata} }`;

test('a child that depends on its parent gets from it what it leaves out', () => {
  const { changes, components } = evaluate(namespace('shop') + settings('annotations: { after: namespace-shop }'), [
    namespaceOfAll,
  ]);
  expect(changes).toMatchObject([{ component: 'configmap-settings', path: 'metadata.namespace', value: 'shop' }]);
  expect(objectOf(components, 'configmap-settings').metadata.namespace).toBe('shop');
});

test('nothing is filled without a dependency, over what is said, or where the design says the namespace', () => {
  const after = 'annotations: { after: namespace-shop }';
  expect(evaluate(namespace('shop') + settings('labels: {}'), [namespaceOfAll]).changes).toEqual([]);
  expect(evaluate(namespace('shop') + settings(`namespace: other, ${after}`), [namespaceOfAll]).changes).toEqual([]);
  expect(evaluate(namespace('shop') + settings(after), [namespaceOfAll], { namespace: 'other' }).changes).toEqual([]);
  const role = `
---
apiVersion: rbac.authorization.k8s.io/v1
kind: ClusterRole
metadata: { name: reader, ${after} }`;
  expect(evaluate(namespace('shop') + role, [namespaceOfAll]).changes).toEqual([]);
});

test('two parents that say different things are a conflict, and nothing is filled', () => {
  const child = settings('annotations: { after: namespace-shop namespace-store }');
  const { changes, findings } = evaluate(namespace('shop') + namespace('store') + child, [namespaceOfAll]);
  expect(changes).toEqual([]);
  expect(findings).toMatchObject([
    {
      code: 'relationship.conflict',
      path: 'metadata.namespace',
      message: expect.stringContaining('Namespace shop and Namespace store would fill it with different values'),
    },
  ]);
});

test('a reference that is begun is filled by the dependency; one that is not begun stays away', () => {
  const begun = `${secret('key')}
---
apiVersion: cert-manager.io/v1
kind: Issuer
metadata: { name: ca, namespace: shop, annotations: { after: secret-key } }
spec:`;
  expect(evaluate(`${begun} { ca: {} }`, [secretOfIssuer]).changes).toMatchObject([
    { component: 'issuer-ca', path: 'spec.ca.secretName', value: 'key' },
  ]);
  expect(evaluate(`${begun} { ca: { secretName: '' } }`, [secretOfIssuer]).changes).toHaveLength(1);
  expect(evaluate(`${begun} { selfSigned: {} }`, [secretOfIssuer]).changes).toEqual([]);
  expect(evaluate(`${begun} { ca: { crlDistributionPoints: [a] } }`, [secretOfIssuer]).changes).toEqual([]);
});

const link = (position: number) => `
---
apiVersion: example.com/v1
kind: Link
metadata: { name: l${position}, namespace: shop }
spec: { after: l${position - 1}${position === 0 ? ', colour: red' : ''} }`;

const chain = (length: number) => Array.from({ length }, (_, position) => link(position)).join('');

test('what is filled may lead to more, until nothing changes; longer chains are cut with a note', () => {
  const next = relationship({
    kind: 'hierarchical',
    type: 'parent',
    subType: 'inventory',
    selectors: [
      allow(gives('Link', displayName, field('spec.colour')), takes('Link', field('spec.after'), field('spec.colour'))),
    ],
  });
  const short = evaluate(chain(6), [next]);
  expect(short.changes.map(({ component, value }) => [component, value])).toEqual(
    [1, 2, 3, 4, 5].map((position) => [`link-l${position}`, 'red']),
  );
  expect(short.findings).toEqual([]);
  expect(evaluate(chain(30), [next]).findings).toMatchObject([{ severity: 'note', code: 'relationship.depth' }]);
});

test('what a binding relationship names and the design has not is missing, unless it is optional', () => {
  const lost = evaluate(issuer('ca', 'key'), [secretOfIssuer]);
  expect(lost.missing).toMatchObject([
    {
      component: 'issuer-ca',
      subject: 'Issuer shop/ca',
      path: ['spec', 'ca', 'secretName'],
      target: { apiVersion: 'v1', kind: 'Secret', namespace: 'shop', name: 'key' },
    },
  ]);
  expect(evaluate(issuer('ca', 'key, optional: true'), [secretOfIssuer]).missing).toEqual([]);
});

test('a field that may name one of several kinds misses nothing when one of them is there', () => {
  const either = relationship({
    kind: 'edge',
    type: 'binding',
    subType: 'reference',
    selectors: [
      allow(gives('Secret', displayName), takes('Issuer', field('spec.ca.secretName'))),
      allow(gives('ConfigMap', displayName), takes('Issuer', field('spec.ca.secretName'))),
    ],
  });
  expect(evaluate(secret('key') + issuer('ca', 'key'), [either]).missing).toEqual([]);
  expect(evaluate(issuer('ca', 'key'), [either]).missing).toHaveLength(1);
});

const member = (position: number) => `
---
apiVersion: v1
kind: ConfigMap
metadata: { name: c${position}, namespace: shop, labels: { app: shop, own: c${position} } }`;

test('alternatives are told apart by what stands beside them, and a reference without a kind means the usual one', () => {
  const two = relationship({
    kind: 'edge',
    type: 'binding',
    subType: 'reference',
    selectors: [
      allow(
        gives('Secret', ['component', 'kind'], displayName, ['component', 'kind'], displayName),
        takes('Pair', ...['left.kind', 'left.name', 'right.kind', 'right.name'].map((path) => field(`spec.${path}`))),
      ),
    ],
  });
  const countOf = (spec: string) =>
    evaluate(
      `${secret('key')}
---
apiVersion: example.com/v1
kind: Pair
metadata: { name: pair, namespace: shop }
spec: ${spec}`,
      [two],
    ).edges.length;
  expect(countOf('{ left: { kind: Secret, name: key } }')).toBe(1);
  expect(countOf('{ left: { kind: Other, name: key }, right: { kind: Secret, name: other } }')).toBe(0);
  expect(countOf('{ left: { kind: Other, name: a }, right: { name: key } }')).toBe(1);
});

test('siblings share a label, and a large family costs its members', () => {
  const family = relationship({
    kind: 'sibling',
    type: 'matchlabels',
    selectors: [allow(gives('*', field('metadata.labels')), takes('*', field('metadata.labels')))],
  });
  const { edges } = evaluate(Array.from({ length: 5 }, (_, position) => member(position)).join(''), [family]);
  expect(linesOf(edges)).toEqual([1, 2, 3, 4].map((position) => `configmap-c0 -> configmap-c${position}`));
  expect(edges.every(({ order }) => order === undefined)).toBe(true);
});

const ordered = (order: object | null) =>
  evaluate(secret('key') + issuer('ca', 'key'), [
    {
      ...secretOfIssuer,
      definition: { ...secretOfIssuer.definition, order: relationshipDefinitionSchema.shape.order.parse(order) },
    },
  ]).edges[0]?.order;

test('a definition says the order itself, or none', () => {
  expect(ordered({ first: 'to', needs: 'ready' })).toEqual({ first: 'to', needs: 'ready' });
  expect(ordered(null)).toBeUndefined();
});

test('a relationship without fields holds where a component declares that it depends on the other', () => {
  const bare = relationship({
    kind: 'edge',
    type: 'non-binding',
    subType: 'reference',
    selectors: [allow({ kind: 'Issuer' }, { kind: 'Secret' })],
  });
  const declared = issuer('ca', 'other', ', annotations: { after: secret-key }');
  expect(linesOf(evaluate(secret('key') + declared, [bare]).edges)).toEqual(['issuer-ca -> secret-key']);
  expect(evaluate(secret('key') + issuer('ca', 'key'), [bare]).edges).toEqual([]);
});

const countWithout = (...disabled: readonly string[]) =>
  evaluate(secret('key') + issuer('ca', 'key'), [secretOfIssuer], { preferences: { disabled } }).edges.length;

test('preferences switch relationships off by kind, type and subtype', () => {
  expect(countWithout('sibling', 'edge/non-binding', 'edge/binding/mount')).toBe(1);
  expect([countWithout('edge'), countWithout('edge/binding'), countWithout('edge/binding/reference')]).toEqual([
    0, 0, 0,
  ]);
});

test('data of Secrets is neither copied nor shown', () => {
  const copying = relationship({
    kind: 'hierarchical',
    type: 'parent',
    subType: 'inventory',
    selectors: [
      allow(
        gives('Secret', displayName, field('data.password')),
        takes('Issuer', field('spec.ca.secretName'), field('spec.ca.password')),
      ),
    ],
  });
  const given = `${secret('key')}\ndata: { password: aHVudGVyMg== }`;
  for (const password of ['', ', password: other']) {
    const evaluation = evaluate(given + issuer('ca', `key${password}`), [copying], { trace: true });
    expect(evaluation.edges).toHaveLength(1);
    expect(JSON.stringify({ ...evaluation, components: [] })).not.toContain('aHVudGVyMg==');
    expect(evaluation.changes).toEqual([]);
  }
});

test('the trace tells every step', () => {
  const child = settings('annotations: { after: namespace-shop }');
  const { trace } = evaluate(namespace('shop') + child, [namespaceOfAll], { trace: true });
  expect(trace.map(({ round, outcome, why }) => [round, outcome, why])).toEqual([
    [1, 'filled', 'ConfigMap settings leaves metadata.namespace empty and belongs to Namespace shop'],
    [2, 'related', 'ConfigMap shop/settings is in Namespace shop'],
  ]);
});
