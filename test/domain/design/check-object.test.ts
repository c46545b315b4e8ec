import { describe, expect, test } from 'vitest';
import { codesOf, convert } from './source.ts';

const metadata = { name: 'web' };
const pod = (container: object) => ({ apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } });

test.each<[string, unknown, readonly string[]]>([
  ['no apiVersion', { kind: 'Pod', metadata }, ['object.missingApiVersion']],
  ['an empty apiVersion', { apiVersion: '', kind: 'Pod', metadata }, ['object.missingApiVersion']],
  ['a malformed apiVersion', { apiVersion: 'apps/v1/beta', kind: 'Pod', metadata }, ['object.invalidApiVersion']],
  ['no kind', { apiVersion: 'v1', metadata }, ['object.missingKind']],
  ['a malformed kind', { apiVersion: 'v1', kind: 'my-kind', metadata }, ['object.invalidKind', 'object.unknownKind']],
  ['a misspelt kind', { apiVersion: 'apps/v1', kind: 'Deploymnet', metadata }, ['object.unknownKind']],
  ['no metadata', { apiVersion: 'v1', kind: 'Pod' }, ['object.missingName']],
  ['no name', { apiVersion: 'v1', kind: 'Pod', metadata: {} }, ['object.missingName']],
  ['an empty name', { apiVersion: 'v1', kind: 'Pod', metadata: { name: '' } }, ['object.missingName']],
  ['a number as name', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 7 } }, ['object.invalidName']],
  ['a generated name', { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'web-' } }, ['object.generateName']],
  ['a name in capitals', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'Web' } }, ['object.invalidName']],
  [
    'dots in the name of a Service',
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'a.b' } },
    ['object.invalidName'],
  ],
  [
    'a digit before the name of a Service',
    { apiVersion: 'v1', kind: 'Service', metadata: { name: '1a' } },
    ['object.invalidName'],
  ],
  [
    'dots in the name of a Namespace',
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'a.b' } },
    ['object.invalidName'],
  ],
  [
    'a colon in the name of a ClusterRole',
    { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name: 'system:web' } },
    [],
  ],
  [
    'a definition that is not named after its plural',
    {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: 'thing' },
      spec: { group: 'example.com', names: { plural: 'things' } },
    },
    ['object.invalidName'],
  ],
  [
    'an empty namespace',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: '' } },
    ['object.emptyNamespace'],
  ],
  [
    'a null namespace',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: null } },
    ['object.emptyNamespace'],
  ],
  [
    'an invalid namespace',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'My_Shop' } },
    ['object.invalidNamespace'],
  ],
  [
    'a number as namespace',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 7 } },
    ['object.invalidNamespace'],
  ],
  [
    'a namespace on what has none',
    { apiVersion: 'v1', kind: 'PersistentVolume', metadata: { name: 'web', namespace: 'shop' } },
    ['object.clusterScoped'],
  ],
  [
    'an invalid label key',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { 'a b': 'c' } } },
    ['object.invalidLabelKey'],
  ],
  [
    'an invalid label value',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { a: 'b c' } } },
    ['object.invalidLabelValue'],
  ],
  [
    'a label value that is no text',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: { version: 1.5 } } },
    ['object.notText'],
  ],
  [
    'an annotation that is no text',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', annotations: { on: true } } },
    ['object.notText'],
  ],
  [
    'an invalid annotation key',
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', annotations: { 'a/b/c': 'd' } } },
    ['object.invalidAnnotationKey'],
  ],
  ['null labels', { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', labels: null } }, []],
  [
    'a number in the data of a ConfigMap',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { port: 80 } },
    ['object.notText'],
  ],
  [
    'a space in a key of a ConfigMap',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { 'my Key': 'a' } },
    ['object.invalidDataKey'],
  ],
  [
    'plain text in the data of a Secret',
    { apiVersion: 'v1', kind: 'Secret', metadata, data: { key: 'p@ss' } },
    ['design.plainSecret', 'object.notBase64'],
  ],
  ['a number as environment variable', pod({ name: 'web', env: [{ name: 'PORT', value: 80 }] }), ['object.notText']],
  [
    'a password as environment variable',
    pod({ name: 'web', env: [{ name: 'DB_PASSWORD', value: 'hunter2' }] }),
    ['design.plainSecret'],
  ],
  [
    'a password by reference',
    pod({ name: 'web', env: [{ name: 'DB_PASSWORD', valueFrom: { secretKeyRef: { name: 'a', key: 'b' } } }] }),
    [],
  ],
  [
    'a private key',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { key: '-----BEGIN RSA PRIVATE KEY-----\nabc' } },
    ['design.plainSecret'],
  ],
  [
    'a version that is no longer served',
    { apiVersion: 'extensions/v1beta1', kind: 'Ingress', metadata },
    ['object.removedApi'],
  ],
  [
    'a kind that nothing replaces',
    { apiVersion: 'policy/v1beta1', kind: 'PodSecurityPolicy', metadata },
    ['object.removedApi'],
  ],
  [
    'fields of the server',
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, uid: 'a', managedFields: [{}] },
      status: { phase: 'Running' },
    },
    ['object.serverFields'],
  ],
  [
    'what generators leave empty',
    { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, creationTimestamp: null }, status: {} },
    [],
  ],
  [
    'owners',
    { apiVersion: 'v1', kind: 'Pod', metadata: { ...metadata, ownerReferences: [{ uid: 'a' }] } },
    ['object.ownerReferences'],
  ],
  [
    'too much',
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { a: 'x'.repeat(1_600_000) } },
    ['object.tooLarge'],
  ],
])('an object with %s', (_name, object, codes) => {
  expect(codesOf(object)).toEqual(codes);
});

describe('what belongs to one cluster is left out', () => {
  test('but nothing else', () => {
    const written = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { ...metadata, uid: 'a', resourceVersion: '7', ownerReferences: [] },
      spec: { status: 'kept' },
      status: { phase: 'Running' },
    };
    const { design } = convert(written);
    expect(design?.components[0]?.object).toEqual({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata,
      spec: { status: 'kept' },
    });
  });
});

describe('findings help', () => {
  test('a misspelt kind names the right one', () => {
    expect(convert({ apiVersion: 'apps/v1', kind: 'Deploymnet', metadata }).findings[0]?.message).toContain(
      '"Deployment"',
    );
  });

  test('an invalid name comes with a good one', () => {
    expect(convert({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'My Shop' } }).findings[0]?.fix).toContain(
      'my-shop',
    );
  });

  test('they tell no secret', () => {
    const { findings } = convert({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'a', labels: { b: 'p@ss word' } },
      data: { key: 'hunter2!' },
    });
    expect(findings.length).toBeGreaterThan(2);
    expect(JSON.stringify(findings)).not.toMatch(/hunter2|p@ss/);
  });
});
