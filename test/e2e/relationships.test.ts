import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { z } from 'zod';
import { valueAt } from '../../domain/json.ts';
import type { Operation } from '../../domain/operation.ts';
import { planGraphSchema } from '../../domain/plan-graph.ts';
import { evaluationSchema } from '../../domain/relationship/evaluation.ts';
import { type Installation, startInstallation } from '../installation/installation.ts';
import { generate } from './generation-helpers.ts';
import { configMap, deployment, manifests, namespace, uniqueName } from './manifests.ts';

let slipway: Installation;

beforeAll(async () => {
  slipway = await startInstallation({ temporal: inject('temporal'), cluster: inject('cluster') });
});

afterAll(() => slipway.stop());

/** The relationship that docs/relationships.md shows. */
function documentedRelationship(): Uint8Array<ArrayBuffer> {
  const text = readFileSync(join(import.meta.dirname, '../../docs/relationships.md'), 'utf8');
  const [, json = ''] = /```json\n([\s\S]*?)```/.exec(text) ?? [];
  return new TextEncoder().encode(json);
}

async function importDocumented(): Promise<void> {
  const uploadId = await slipway.api.upload('deployment-migration.json', documentedRelationship());
  const { operation, reports } = await generate(slipway, [{ kind: 'upload', uploadId }]);
  expect({ state: operation.state, error: operation.error, reports }).toMatchObject({
    state: 'succeeded',
    error: null,
  });
}

const planSchema = z.object({ graph: planGraphSchema });

async function graphOf({ planId }: Operation) {
  return planSchema.parse(await slipway.api.get(`/v1/plans/${planId}`)).graph;
}

const migration = (inNamespace: string) => ({
  apiVersion: 'batch/v1',
  kind: 'Job',
  metadata: { name: 'migrate', namespace: inNamespace },
  spec: { template: { spec: { restartPolicy: 'Never', containers: [{ name: 'migrate', image: 'migrate' }] } } },
});

function annotated(inNamespace: string): object {
  const web = z.looseObject({ metadata: z.looseObject({}) }).parse(deployment(inNamespace, 'web'));
  return { ...web, metadata: { ...web.metadata, annotations: { 'example.com/migration': 'migrate' } } };
}

test('a relationship of the registry orders a deploy and an undeploy', async () => {
  await importDocumented();
  const name = uniqueName('related');
  await slipway.api.putDesign(name, manifests(namespace(name), annotated(name), migration(name)));
  const target = { design: name, connection: slipway.connection };
  const deployed = await slipway.api.end(await slipway.api.start('/v1/deployments', target));
  expect(deployed).toMatchObject({ state: 'succeeded', error: null });
  const reason = `Deployment ${name}/web references Job ${name}/migrate (relationship edge/non-binding/reference of migrations@v1.0.0)`;
  const job = `batch/Job/${name}/migrate`;
  const web = `apps/Deployment/${name}/web`;
  expect((await graphOf(deployed)).edges).toContainEqual({
    prerequisite: job,
    dependent: web,
    needs: 'ready',
    strength: 'soft',
    reason,
  });
  const [done, started] = await Promise.all([
    slipway.cluster.find({ apiVersion: 'batch/v1', kind: 'Job', namespace: name, name: 'migrate' }),
    slipway.cluster.find({ apiVersion: 'apps/v1', kind: 'Deployment', namespace: name, name: 'web' }),
  ]);
  const completed = z.string().parse(valueAt(done, 'status', 'completionTime'));
  expect(z.string().parse(valueAt(started, 'metadata', 'creationTimestamp')) >= completed).toBe(true);

  const undeploy = `/v1/deployments/${deployed.deploymentId}/undeploy`;
  const undeployed = await slipway.api.end(await slipway.api.start(undeploy, {}));
  expect(undeployed).toMatchObject({ state: 'succeeded', result: { orphans: [] } });
  expect((await graphOf(undeployed)).edges).toContainEqual({
    prerequisite: web,
    dependent: job,
    needs: 'gone',
    strength: 'soft',
    reason,
  });
});

test('a deploy fills the namespace of what depends on one, and says so', async () => {
  const name = uniqueName('filled');
  const source = {
    apiVersion: 'slipway.dev/v1',
    kind: 'Design',
    metadata: { name },
    spec: {
      components: [
        { name: 'home', object: namespace(name) },
        {
          name: 'settings',
          dependsOn: ['home'],
          object: { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' } },
        },
      ],
    },
  };
  await slipway.api.putDesign(name, JSON.stringify(source));
  const evaluation = evaluationSchema.parse(await slipway.api.post(`/v1/designs/${name}/evaluate`, {}));
  expect(evaluation.changes).toMatchObject([{ component: 'settings', path: 'metadata.namespace', value: name }]);
  const target = { design: name, connection: slipway.connection };
  const deployed = await slipway.api.end(await slipway.api.start('/v1/deployments', target));
  expect(deployed).toMatchObject({
    state: 'succeeded',
    findings: expect.arrayContaining([
      expect.objectContaining({ severity: 'note', code: 'relationship.filled', path: 'metadata.namespace' }),
    ]),
  });
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', namespace: name, name: 'settings' };
  expect(await slipway.cluster.find(settings)).toBeDefined();
  const undeploy = `/v1/deployments/${deployed.deploymentId}/undeploy`;
  expect(await slipway.api.end(await slipway.api.start(undeploy, {}))).toMatchObject({ state: 'succeeded' });
});

test('what a built-in relationship misses is reported once, and not when the cluster has it', async () => {
  const name = uniqueName('missing');
  const podSpec = {
    containers: [{ name: 'main', image: 'x', envFrom: [{ configMapRef: { name: 'kube-root-ca.crt' } }] }],
    volumes: [{ name: 'settings', configMap: { name: 'settings' } }],
  };
  const source = manifests(namespace(name), deployment(name, 'web', { podSpec }), configMap(name, 'other'));
  await slipway.api.putDesign(name, source);
  const plan = await slipway.api.end(
    await slipway.api.start('/v1/plans', { kind: 'deploy', design: name, connection: slipway.connection }),
  );
  const about = plan.findings.filter(({ message }) => message.includes('ConfigMap'));
  expect(about.map(({ code }) => code)).not.toContain('relationship.counterpartMissing');
});
