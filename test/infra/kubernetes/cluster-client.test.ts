import { readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { arrayAt, stringAt } from '../../../domain/json.ts';
import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { flattenKubeconfig } from '../../../infra/kubernetes/kubeconfig.ts';
import { createClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import type { WatchEvent } from '../../../infra/kubernetes/watch-tracker.ts';

const { kubeconfig, context } = inject('cluster');
const source = readFileSync(kubeconfig, 'utf8');
const client = createClusterClient({ kubeconfig: source, context, trusted: true });
const namespace = `client-${process.pid}-${Date.now()}`;
const slipway = { fieldManager: 'slipway' };

function configMap(name: string, data: Record<string, string> = {}, labels?: Record<string, string>): KubernetesObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name, namespace, ...(labels === undefined ? {} : { labels }) },
    data,
  };
}

function configMapReference(name: string): { apiVersion: string; kind: string; namespace: string; name: string } {
  return { apiVersion: 'v1', kind: 'ConfigMap', namespace, name };
}

beforeAll(async () => {
  await client.apply({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, slipway);
});

afterAll(async () => {
  await client.delete({ apiVersion: 'v1', kind: 'Namespace', name: namespace });
  await client.close();
});

describe('server-side apply', () => {
  test('creates, then changes, then leaves alone what is as it should be', async () => {
    const created = await client.apply(configMap('steps', { a: '1' }), slipway);
    const changed = await client.apply(configMap('steps', { a: '2' }), slipway);
    const same = await client.apply(configMap('steps', { a: '2' }), slipway);
    expect([created.created, changed.created, same.created]).toEqual([true, false, false]);
    expect(changed.object).toMatchObject({ data: { a: '2' } });
    expect(same.object.metadata.resourceVersion).toBe(changed.object.metadata.resourceVersion);
  });

  test('names the manager and the field of a conflict, and takes the field over when forced', async () => {
    await client.apply(configMap('owned', { a: '1' }), { fieldManager: 'somebody' });
    await expect(client.apply(configMap('owned', { a: '2' }), slipway)).rejects.toMatchObject({
      code: 'conflict',
      status: 409,
      fieldConflicts: [{ manager: 'somebody', field: '.data.a' }],
    });
    const { object } = await client.apply(configMap('owned', { a: '2' }), { ...slipway, force: true });
    expect(object).toMatchObject({ data: { a: '2' } });
  });

  test('in a dry run says what would be and writes nothing', async () => {
    const { object, created } = await client.apply(configMap('dry', { a: '1' }), { ...slipway, dryRun: true });
    expect(object.metadata.uid).toBeDefined();
    expect(created).toBe(true);
    expect(await client.find(configMapReference('dry'))).toBeUndefined();
  });

  test('refuses a field that the schema lacks, at once and by its path', async () => {
    await expect(client.apply(deploymentNamed('odd', { replicass: 2 }), slipway)).rejects.toMatchObject({
      code: 'invalid',
      causes: [{ field: 'spec.replicass', message: 'field not declared in schema' }],
    });
  });

  test('lists every invalid field', async () => {
    const invalid = deploymentNamed('invalid', { selector: { matchLabels: { app: 'other' } }, replicas: -1 });
    const error: unknown = await client.apply(invalid, slipway).catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'invalid', status: 422, reason: 'Invalid' });
    expect(error).toMatchObject({
      causes: expect.arrayContaining([
        expect.objectContaining({ field: 'spec.replicas', reason: 'FieldValueInvalid' }),
      ]),
    });
  });

  test('of a thousand objects at once all land, under the limit', async () => {
    const objects = Array.from({ length: 1_000 }, (_, index) =>
      configMap(`many-${index}`, { index: String(index) }, { set: 'many' }),
    );
    const results = await Promise.all(objects.map((object) => client.apply(object, slipway)));
    expect(results.every(({ created }) => created)).toBe(true);
    const { objects: listed } = await client.list(
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { namespace, labelSelector: 'set=many' },
    );
    expect(listed).toHaveLength(1_000);
    expect(client.load()).toMatchObject({ inFlight: 0, waiting: 0 });
  });

  test('of an object without a namespace, where the kind needs one, is refused before it is sent', async () => {
    const stray = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'stray' } };
    await expect(client.apply(stray, slipway)).rejects.toMatchObject({ code: 'invalid' });
  });
});

function deploymentNamed(
  name: string,
  spec: Record<string, number | { matchLabels: Record<string, string> }>,
): KubernetesObject {
  const template = {
    metadata: { labels: { app: name } },
    spec: { containers: [{ name: 'main', image: 'nginx' }] },
  };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, namespace },
    spec: { selector: { matchLabels: { app: name } }, template, ...spec },
  };
}

describe('single objects', () => {
  test('created ones with unknown fields are refused when strict, warned of else', async () => {
    const odd = deploymentNamed('odd', { replicass: 2 });
    await expect(client.create(odd, { dryRun: true, fieldValidation: 'Strict' })).rejects.toMatchObject({
      code: 'invalid',
      message: expect.stringContaining('spec.replicass'),
    });
    const { warnings } = await client.create(odd, { dryRun: true, fieldValidation: 'Warn' });
    expect(warnings).toEqual(['unknown field "spec.replicass"']);
  });

  test('a missing object and a missing kind are told apart', async () => {
    await expect(client.get(configMapReference('nobody'))).rejects.toMatchObject({
      code: 'notFound',
      reason: 'NotFound',
    });
    const strange = { apiVersion: 'nowhere.example/v1', kind: 'Thing', namespace, name: 'x' };
    await expect(client.get(strange)).rejects.toMatchObject({ code: 'notFound', reason: 'KindNotServed' });
    expect(await client.find(strange)).toBeUndefined();
  });

  test('create refuses an object that exists', async () => {
    await client.create(configMap('once'));
    await expect(client.create(configMap('once'))).rejects.toMatchObject({ code: 'conflict', reason: 'AlreadyExists' });
  });

  test('replace refuses a version that is no longer the newest', async () => {
    const { object } = await client.create(configMap('versioned', { a: '1' }));
    await client.replace({ ...object, data: { a: '2' } });
    await expect(client.replace({ ...object, data: { a: '3' } })).rejects.toMatchObject({
      code: 'conflict',
      fieldConflicts: [],
    });
  });

  test('patch merges, and follows JSON patches', async () => {
    await client.create(configMap('patched', { a: '1', b: '2' }));
    const reference = configMapReference('patched');
    const merged = await client.patch(reference, { type: 'merge', body: { data: { a: null } } });
    expect(merged.object).toMatchObject({ data: { b: '2' } });
    const body = [{ op: 'replace', path: '/data/b', value: '3' }];
    const patched = await client.patch(reference, { type: 'json', body });
    expect(patched.object).toMatchObject({ data: { b: '3' } });
  });

  test('delete takes only the object with the given UID', async () => {
    const { object } = await client.create(configMap('mine'));
    const reference = configMapReference('mine');
    await expect(client.delete(reference, { uid: 'somebody-else' })).rejects.toMatchObject({ code: 'conflict' });
    const { uid } = object.metadata;
    await client.delete(reference, { ...(uid === undefined ? {} : { uid }), dryRun: true });
    expect(await client.find(reference)).toBeDefined();
    expect((await client.delete(reference, { uid })).pending).toBeUndefined();
    await expect(client.delete(reference)).rejects.toMatchObject({ code: 'notFound' });
  });

  test('delete gives back an object that waits for its finalizers', async () => {
    const held = configMap('held');
    await client.create({ ...held, metadata: { ...held.metadata, finalizers: ['slipway.dev/test'] } });
    const { pending } = await client.delete(configMapReference('held'));
    expect(pending?.metadata.finalizers).toEqual(['slipway.dev/test']);
    await client.patch(configMapReference('held'), { type: 'merge', body: { metadata: { finalizers: null } } });
    expect(await client.find(configMapReference('held'))).toBeUndefined();
  });

  test('metadata alone comes with the object’s own kind', async () => {
    await client.create(configMap('light', { a: '1' }));
    const object = await client.get(configMapReference('light'), { metadataOnly: true });
    expect(object).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'light' } });
    expect(object).not.toHaveProperty('data');
  });

  test('names that need escaping in a path are found', async () => {
    const role = await client.get({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      name: 'system:discovery',
    });
    expect(role.metadata.name).toBe('system:discovery');
  });
});

describe('discovery', () => {
  test('finds kinds with their paths, scope, verbs and subresources', async () => {
    expect(await client.discovery.resourceFor('apps/v1', 'Deployment')).toMatchObject({
      group: 'apps',
      version: 'v1',
      plural: 'deployments',
      namespaced: true,
      preferred: true,
      shortNames: ['deploy'],
      subresources: expect.arrayContaining(['scale', 'status']),
      verbs: expect.arrayContaining(['watch', 'patch']),
    });
    expect(await client.discovery.resourceFor('v1', 'Namespace')).toMatchObject({ group: '', namespaced: false });
    expect(await client.discovery.resourceFor('apps/v9', 'Deployment')).toBeUndefined();
  });

  test('knows the preferred versions', async () => {
    const { preferredVersions, unavailable } = await client.discovery.all();
    expect(preferredVersions.get('')).toBe('v1');
    expect(preferredVersions.get('autoscaling')).toBe('v2');
    expect(unavailable).toEqual([]);
  });

  test('a group whose server does not answer does not hide the others', async () => {
    const name = `v1.${namespace}.example`;
    const service = {
      apiVersion: 'apiregistration.k8s.io/v1',
      kind: 'APIService',
      metadata: { name },
      spec: {
        group: `${namespace}.example`,
        version: 'v1',
        groupPriorityMinimum: 100,
        versionPriority: 100,
        insecureSkipTLSVerify: true,
        service: { name: 'nobody', namespace },
      },
    };
    await client.apply(service, slipway);
    onTestFinished(async () => {
      await client.delete({ apiVersion: service.apiVersion, kind: service.kind, name });
      client.discovery.invalidate();
    });
    client.discovery.invalidate();
    const { resources } = await client.discovery.all();
    expect(resources.length).toBeGreaterThan(40);
  });

  test('gives the schema of a kind, with its references', async () => {
    const document = await client.openApi.document('apps/v1');
    const schema = document?.schemaFor('apps/v1', 'Deployment');
    expect(schema).toMatchObject({ properties: { spec: { allOf: [{ $ref: expect.any(String) }] } } });
    expect(document?.resolve('#/components/schemas/io.k8s.api.apps.v1.DeploymentSpec')).toHaveProperty(
      'properties.replicas',
    );
    expect(await client.openApi.document('nowhere.example/v1')).toBeUndefined();
  });
});

describe('custom resources', () => {
  const group = `${namespace}.example.com`;
  const crd: KubernetesObject = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `gadgets.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { plural: 'gadgets', singular: 'gadget', kind: 'Gadget', listKind: 'GadgetList' },
      versions: [
        {
          name: 'v1',
          served: true,
          storage: true,
          schema: {
            openAPIV3Schema: {
              type: 'object',
              properties: {
                spec: {
                  type: 'object',
                  'x-kubernetes-preserve-unknown-fields': true,
                  properties: {
                    port: { 'x-kubernetes-int-or-string': true },
                    size: { type: 'string', enum: ['small', 'large'], default: 'small' },
                  },
                },
              },
            },
          },
        },
      ],
    },
  };

  afterAll(async () => {
    await client.delete({ apiVersion: crd.apiVersion, kind: crd.kind, name: crd.metadata.name });
  });

  test('keep every field of their definition and of themselves, and are found once they are established', async () => {
    const another = createClusterClient({ kubeconfig: source, context, trusted: true });
    onTestFinished(() => another.close());
    for (const { discovery } of [client, another]) {
      expect(await discovery.resourceFor(`${group}/v1`, 'Gadget')).toBeUndefined();
    }
    const { object: applied } = await client.apply(crd, slipway);
    expect(applied).toMatchObject({ spec: crd['spec'] });
    await established(crd);
    client.discovery.invalidate();
    another.discovery.doubtMisses();
    for (const { discovery } of [client, another]) {
      expect(await discovery.resourceFor(`${group}/v1`, 'Gadget')).toMatchObject({ plural: 'gadgets' });
    }

    const gadget = {
      apiVersion: `${group}/v1`,
      kind: 'Gadget',
      metadata: { name: 'one', namespace },
      spec: { port: 'http', anything: { at: ['all', 1, null] } },
    };
    const { object } = await client.apply(gadget, slipway);
    expect(object).toMatchObject({ spec: { port: 'http', size: 'small', anything: { at: ['all', 1, null] } } });
    const wrong = { ...gadget, spec: { size: 'huge' } };
    await expect(client.apply(wrong, slipway)).rejects.toMatchObject({ causes: [{ field: 'spec.size' }] });
  });
});

async function established({ apiVersion, kind, metadata }: KubernetesObject): Promise<void> {
  const controller = new AbortController();
  const fieldSelector = `metadata.name=${metadata.name}`;
  await client.watch({ apiVersion, kind }, { fieldSelector, signal: controller.signal }, (event) => {
    const conditions = 'object' in event ? arrayAt(event.object, 'status', 'conditions') : [];
    const isEstablished = conditions.some(
      (condition) => stringAt(condition, 'type') === 'Established' && stringAt(condition, 'status') === 'True',
    );
    if (isEstablished) controller.abort();
  });
}

describe('lists', () => {
  test('of many pages come whole, with their types', async () => {
    const names = Array.from({ length: 25 }, (_, index) => `page-${String(index).padStart(2, '0')}`);
    await Promise.all(names.map((name) => client.apply(configMap(name, {}, { set: 'pages' }), slipway)));
    const selection = { namespace, labelSelector: 'set=pages', pageSize: 10 };
    const type = { apiVersion: 'v1', kind: 'ConfigMap' };
    const { objects, resourceVersion } = await client.list(type, selection);
    expect(objects.map(({ metadata }) => metadata.name)).toEqual(names);
    expect(objects[0]).toMatchObject(type);
    expect(Number(resourceVersion)).toBeGreaterThan(0);
    const sizes: number[] = [];
    for await (const page of client.listPages(type, selection)) sizes.push(page.objects.length);
    expect(sizes).toEqual([10, 10, 5]);
    const { objects: light } = await client.list(type, { ...selection, metadataOnly: true });
    expect(light).toHaveLength(25);
    expect(light[0]).toMatchObject(type);
    expect(light[0]).not.toHaveProperty('data');
  });

  test('follow field selectors', async () => {
    await client.apply(configMap('chosen'), slipway);
    const { objects } = await client.list(
      { apiVersion: 'v1', kind: 'ConfigMap' },
      { fieldSelector: 'metadata.name=chosen', namespace },
    );
    expect(objects).toHaveLength(1);
  });
});

describe('watches', () => {
  const type = { apiVersion: 'v1', kind: 'ConfigMap' };

  test('tell what exists, then what happens', async () => {
    await client.apply(configMap('seen-0', {}, { set: 'seen' }), slipway);
    const controller = new AbortController();
    const told: string[] = [];
    const watching = client.watch(
      type,
      { namespace, labelSelector: 'set=seen', signal: controller.signal },
      (event) => {
        told.push('object' in event ? `${event.type} ${event.object.metadata.name}` : event.type);
      },
    );
    await expect.poll(() => told).toEqual(['added seen-0', 'synced']);
    await client.apply(configMap('seen-1', {}, { set: 'seen' }), slipway);
    await client.apply(configMap('seen-1', { a: '1' }, { set: 'seen' }), slipway);
    await client.delete(configMapReference('seen-1'));
    await expect.poll(() => told.slice(2)).toEqual(['added seen-1', 'modified seen-1', 'deleted seen-1']);
    controller.abort();
    await watching;
  });

  test('start at the version of a write without missing what follows', async () => {
    const { object } = await client.apply(configMap('from', { a: '1' }), slipway);
    await client.apply(configMap('from', { a: '2' }), slipway);
    const controller = new AbortController();
    const { resourceVersion } = object.metadata;
    const events: WatchEvent[] = [];
    await client.watch(
      type,
      { namespace, fieldSelector: 'metadata.name=from', resourceVersion, signal: controller.signal },
      (event) => {
        events.push(event);
        controller.abort();
      },
    );
    expect(events).toMatchObject([{ type: 'modified', object: { data: { a: '2' } } }]);
  });
});

describe('access', () => {
  test('the permissions of the connection’s user are told', async () => {
    const question = { verb: 'delete', group: 'apps', resource: 'deployments', namespace };
    expect(await client.selfSubjectAccessReview(question)).toMatchObject({ allowed: true });
    const impersonating = createClusterClient({ kubeconfig: asUser('nobody'), trusted: true });
    onTestFinished(impersonating.close);
    expect(await impersonating.selfSubjectAccessReview(question)).toMatchObject({ allowed: false });
    const { resourceRules } = await impersonating.selfSubjectRulesReview(namespace);
    expect(resourceRules).toBeDefined();
    await expect(impersonating.apply(configMap('forbidden'), slipway)).rejects.toMatchObject({ code: 'forbidden' });
  });

  test('a wrong token is unauthenticated', async () => {
    const stranger = createClusterClient({ kubeconfig: withUser({ token: 'wrong' }), trusted: true });
    onTestFinished(stranger.close);
    await expect(stranger.list({ apiVersion: 'v1', kind: 'Pod' })).rejects.toMatchObject({ code: 'unauthenticated' });
  });

  test('a server whose certificate nobody vouches for is not talked to', async () => {
    const careless = createClusterClient({ kubeconfig: withoutAuthority(), trusted: true });
    onTestFinished(careless.close);
    await expect(careless.version()).rejects.toMatchObject({ code: 'failed', message: /certificate/ });
  });

  test('a proxy named in the kubeconfig is used', async () => {
    const tunnels: string[] = [];
    const proxy = createServer().on('connect', ({ url }, socket) => {
      const { hostname, port } = new URL(`tcp://${url}`);
      tunnels.push(hostname);
      const upstream = connect(Number(port), hostname, () => {
        socket.write('HTTP/1.1 200 OK\r\n\r\n');
        upstream.pipe(socket).pipe(upstream);
      });
      upstream.on('error', () => socket.destroy());
      socket.on('error', () => upstream.destroy());
    });
    await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
    onTestFinished(() => void proxy.close());
    const listening = proxy.address();
    const port = typeof listening === 'object' ? listening?.port : undefined;
    const proxied = createClusterClient({ kubeconfig: throughProxy(`http://127.0.0.1:${port}`) });
    await proxied.list({ apiVersion: 'v1', kind: 'ConfigMap' }, { namespace });
    await proxied.close();
    expect(tunnels).toContain('127.0.0.1');
  });

  test('version and health are read', async () => {
    expect((await client.version()).gitVersion).toMatch(/^v1\./);
    expect(await client.getText('/readyz')).toBe('ok');
  });
});

function asUser(name: string): string {
  const { text } = flatten();
  const config = JSON.parse(text);
  config.users[0].user.as = name;
  return JSON.stringify(config);
}

function withUser(user: object): string {
  const { text } = flatten();
  const config = JSON.parse(text);
  config.users[0].user = user;
  return JSON.stringify(config);
}

function throughProxy(proxy: string): string {
  const config = JSON.parse(flatten().text);
  config.clusters[0].cluster['proxy-url'] = proxy;
  return JSON.stringify(config);
}

function withoutAuthority(): string {
  const config = JSON.parse(flatten().text);
  delete config.clusters[0].cluster['certificate-authority-data'];
  return JSON.stringify(config);
}

function flatten(): { readonly text: string } {
  return flattenKubeconfig(source, { context, trusted: true });
}
