import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { dryRunInStandIn } from '../../activities/adapters/kubernetes/checks/stand-in-dry-run.ts';
import type { KubernetesObject } from '../../domain/kubernetes-object.ts';
import { type ClusterClient, createClusterClient } from '../../infra/kubernetes/cluster-client.ts';

let client: ClusterClient;
const { signal } = new AbortController();

beforeAll(async () => {
  client = createClusterClient({ kubeconfig: await readFile(inject('cluster').kubeconfig, 'utf8'), trusted: true });
});

afterAll(() => client.close());

function inNewNamespace(kind: string, name: string, fields: Record<string, unknown>): KubernetesObject {
  const object = {
    apiVersion: kind === 'Deployment' ? 'apps/v1' : 'v1',
    kind,
    metadata: { name, namespace: 'not-yet' },
  };
  return JSON.parse(JSON.stringify({ ...object, ...fields }));
}

async function findingsOf(object: KubernetesObject) {
  const [outcome] = await dryRunInStandIn({ client, objects: [object], signal });
  expect(outcome).toMatchObject({ predicted: true, diff: [], recreate: false });
  return outcome?.findings ?? [];
}

const selector = { matchLabels: { app: 'web' } };
const container = { name: 'main', image: 'registry.example/app:1' };
const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } };

test('a field that its kind does not have, or has with another type, is found before the namespace is there', async () => {
  const findings = await findingsOf(inNewNamespace('Deployment', 'web', { spec: { replica: 1, selector, template } }));
  expect(findings).toEqual([
    expect.objectContaining({ severity: 'error', subject: 'Deployment not-yet/web', path: 'spec.replica' }),
  ]);
  const typed = await findingsOf(
    inNewNamespace('Deployment', 'web', { spec: { replicas: 'two', selector, template } }),
  );
  expect(typed).toEqual([expect.objectContaining({ severity: 'error', path: 'spec.replicas' })]);
  expect(JSON.stringify([findings, typed])).not.toContain('default');
});

test('all fields that its kind does not have are found at once', async () => {
  const misspelt = { ...template, spec: { containers: [{ ...container, imagePullPolicyy: 'Always' }] } };
  const spec = { repliccas: 2, selector, template: misspelt };
  const findings = await findingsOf(inNewNamespace('Deployment', 'web', { spec }));
  expect(findings.map(({ subject, path }) => [subject, path])).toEqual([
    ['Deployment not-yet/web', 'spec.repliccas'],
    ['Deployment not-yet/web', 'spec.template.spec.containers[0].imagePullPolicyy'],
  ]);
  expect(JSON.stringify(findings)).not.toContain('default');
});

test('what the validation of a kind refuses is found', async () => {
  const spec = { selector, template: { ...template, metadata: { labels: { app: 'other' } } } };
  expect(await findingsOf(inNewNamespace('Deployment', 'web', { spec }))).toEqual([
    expect.objectContaining({ code: 'object.invalidField', path: 'spec.template.metadata.labels' }),
  ]);
  const ports = [{ port: 99_999 }];
  const codes = (await findingsOf(inNewNamespace('Service', 'web', { spec: { ports } }))).map(({ code }) => code);
  expect(new Set(codes)).toEqual(new Set(['object.invalidField']));
});

test('what is right is not complained of, and nothing is written', async () => {
  expect(await findingsOf(inNewNamespace('Deployment', 'web', { spec: { selector, template } }))).toEqual([]);
  const left = { apiVersion: 'apps/v1', kind: 'Deployment', namespace: 'default', name: 'web' };
  expect(await client.find(left, { signal })).toBeUndefined();
});

test('what only holds in the other namespace is not told: its service accounts, and objects that have the name there', async () => {
  const pod = inNewNamespace('Pod', 'web', { spec: { serviceAccountName: 'not-there', containers: [container] } });
  expect(await findingsOf(pod)).toEqual([]);
  const ports = [{ port: 80 }];
  const service = inNewNamespace('Service', 'kubernetes', {
    spec: { clusterIP: 'None', ports, selector: { app: 'a' } },
  });
  expect(await findingsOf(service)).toEqual([]);
});
