import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { deploymentSchema } from '../../domain/deployment.ts';
import type { KubernetesObject, ObjectReference } from '../../domain/kubernetes-object.ts';
import type { Operation } from '../../domain/operation.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { createTemporalNamespace } from '../installation/temporal-namespace.ts';
import { tar } from '../infra/design-source/tar.ts';
import { configMap, customResource, definition, manifests, namespace, uniqueName } from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  const temporal = await createTemporalNamespace(inject('temporal').address);
  slipway = await startInstallation({ temporal, cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

async function storeModel(fileName: string, bytes: Uint8Array<ArrayBuffer>, model: object): Promise<void> {
  const uploadId = await slipway.api.upload(fileName, bytes);
  const sources = [{ kind: 'upload', uploadId, model }];
  const generated = await slipway.api.end(await slipway.api.start('/v1/model-generations', { sources }));
  expect(generated).toMatchObject({ state: 'succeeded', error: null });
}

async function deploy(name: string, source: string, options: object = {}): Promise<Operation> {
  await slipway.api.putDesign(name, source);
  const target = { design: name, connection: slipway.connection, options };
  return slipway.api.end(await slipway.api.start('/v1/deployments', target));
}

async function undeploy({ deploymentId }: Operation, options: object = {}): Promise<Operation> {
  return slipway.api.end(await slipway.api.start(`/v1/deployments/${deploymentId}/undeploy`, { options }));
}

async function deploymentsOf(design: string) {
  const page = z.object({ items: z.array(deploymentSchema) });
  return page.parse(await slipway.api.get(`/v1/deployments?design=${design}`)).items;
}

function find(reference: ObjectReference): Promise<KubernetesObject | undefined> {
  return slipway.cluster.find(reference);
}

const crdNamed = (name: string): ObjectReference => ({
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  name,
});

async function storeWidgetModel(name: string): Promise<string> {
  const group = `${name}.example.com`;
  const bytes = new TextEncoder().encode(manifests(definition(group, 'Widget')));
  await storeModel('widgets.yaml', bytes, { name, version: 'v1.0.0' });
  return group;
}

test('a missing kind is refused with the model of the registry that brings it', async () => {
  const name = uniqueName('named');
  const group = await storeWidgetModel(name);
  const refused = await deploy(name, manifests(namespace(name), customResource(`Widget.${group}`, name, 'first')));
  expect(refused.state).toBe('failed');
  expect(refused.findings).toMatchObject([{ code: 'cluster.kindNotServed' }]);
  expect(refused.findings[0]?.fix).toContain(`${name}@v1.0.0`);
  expect(refused.findings[0]?.fix).toContain('--install-missing');
});

test('what is missing is installed first, as a deployment that goes with the last one that needs it', async () => {
  const name = uniqueName('needed');
  const group = await storeWidgetModel(name);
  const crd = crdNamed(`widgets.${group}`);
  const sourceOf = (design: string): string =>
    manifests(namespace(design), customResource(`Widget.${group}`, design, 'first'));
  const [first, second] = [`${name}-a`, `${name}-b`];
  const deployedFirst = await deploy(first, sourceOf(first), { installMissing: true });
  expect(deployedFirst).toMatchObject({ state: 'succeeded', error: null });
  expect(await deploymentsOf(`model-${name}`)).toMatchObject([{ state: 'live', objectCount: 1 }]);
  const deployedSecond = await deploy(second, sourceOf(second), { installMissing: true });
  expect(deployedSecond.state).toBe('succeeded');

  const [prerequisite] = await deploymentsOf(`model-${name}`);
  const planned = await slipway.api.end(
    await slipway.api.start(`/v1/deployments/${prerequisite?.id}/undeploy`, { dryRun: true }),
  );
  expect(planned.findings.map(({ code }) => code)).toContain('deployment.needed');

  expect(await undeploy(deployedFirst, { removePrerequisites: true })).toMatchObject({ state: 'succeeded' });
  expect(await find(crd)).toBeDefined();
  expect(await undeploy(deployedSecond, { removePrerequisites: true })).toMatchObject({ state: 'succeeded' });
  expect(await find(crd)).toBeUndefined();
  expect(await deploymentsOf(`model-${name}`)).toMatchObject([{ state: 'undeployed' }]);
});

test('an undeploy keeps what was installed for it unless asked', async () => {
  const name = uniqueName('kept');
  const group = await storeWidgetModel(name);
  const source = manifests(namespace(name), customResource(`Widget.${group}`, name, 'first'));
  const deployed = await deploy(name, source, { installMissing: true });
  await undeploy(deployed);
  expect(await find(crdNamed(`widgets.${group}`))).toBeDefined();
  const [prerequisite] = await deploymentsOf(`model-${name}`);
  await slipway.api.end(await slipway.api.start(`/v1/deployments/${prerequisite?.id}/undeploy`));
  expect(await find(crdNamed(`widgets.${group}`))).toBeUndefined();
});

/** A chart whose Secret is drawn by lot at each rendering. */
async function storeChart(name: string): Promise<void> {
  const files = {
    [`${name}/Chart.yaml`]: `apiVersion: v2\nname: ${name}\nversion: 1.2.3\nappVersion: "4.5"\n`,
    [`${name}/values.yaml`]: 'greeting: hello\nreplicas: 1\n',
    [`${name}/templates/settings.yaml`]: `apiVersion: v1
kind: ConfigMap
metadata: { name: "{{ .Release.Name }}-settings" }
data: { greeting: "{{ .Values.greeting }}" }
---
apiVersion: v1
kind: Secret
metadata: { name: "{{ .Release.Name }}-key" }
stringData: { key: "{{ randAlphaNum 16 }}" }
`,
    [`${name}/templates/test.yaml`]: `apiVersion: v1
kind: Pod
metadata: { name: "{{ .Release.Name }}-test", annotations: { helm.sh/hook: test } }
spec: { containers: [{ name: main, image: x }] }
`,
  };
  const entries = Object.entries(files).map(([path, content]) => ({ path, content }));
  await storeModel(`${name}-1.2.3.tgz`, new Uint8Array(gzipSync(tar(entries))), {});
}

const chartKindOf = (name: string): string =>
  `${name
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join('')}Chart`;

const chartComponent = (name: string, spec: object): object => ({
  apiVersion: 'helm.slipway.dev/v1',
  kind: chartKindOf(name),
  metadata: { name: 'release', namespace: name },
  spec,
});

test('a chart of the registry deploys as a component, rendered once for the same values', async () => {
  const name = uniqueName('chart');
  await storeChart(name);
  const sourceOf = (greeting: string): string =>
    manifests(namespace(name), configMap(name, 'beside'), chartComponent(name, { greeting }));
  const deployed = await deploy(name, sourceOf('good morning'));
  expect(deployed).toMatchObject({ state: 'succeeded', error: null });
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'release-settings' };
  const secret = { apiVersion: 'v1', kind: 'Secret', namespace: name, name: 'release-key' };
  expect(await find(settings)).toMatchObject({ data: { greeting: 'good morning' } });
  expect(await find({ apiVersion: 'v1', kind: 'Pod', namespace: name, name: 'release-test' })).toBeUndefined();
  const drawn = await find(secret);

  const again = await deploy(name, sourceOf('good morning'));
  expect(await find(secret)).toEqual(drawn);
  expect((await slipway.api.steps(again.id)).map(({ state }) => state)).toEqual(
    Array.from({ length: 4 }, () => 'unchanged'),
  );

  await deploy(name, sourceOf('good evening'));
  expect(await find(settings)).toMatchObject({ data: { greeting: 'good evening' } });
  expect(await undeploy(again)).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
  expect(await find(settings)).toBeUndefined();
});

test('a chart that the registry does not have is named with how to get it', async () => {
  const name = uniqueName('nochart');
  const refused = await deploy(name, manifests(namespace(name), chartComponent(name, {})));
  expect(refused.findings.map(({ code }) => code)).toContain('chart.unknown');
});
