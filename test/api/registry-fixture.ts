import { randomUUID } from 'node:crypto';
import type { Database } from '../../infra/database/database.ts';
import { ensureDeployment, setDeploymentState } from '../../infra/database/deployments.ts';
import { recordIntended, updateInventory } from '../../infra/database/inventory.ts';
import { publishStaged } from '../../infra/database/registry/publish-staged.ts';
import { stageModel } from '../../infra/database/registry/stage-model.ts';
import type { JsonObject } from '../../domain/json.ts';
import { objectKey } from '../../domain/kubernetes-object.ts';
import { type ModelMember, modelMemberSchema } from '../../domain/registry/model-member.ts';
import { modelSchema, type Registrant } from '../../domain/registry/model.ts';
import { json, type TestApi } from './api-fixture.ts';

export type TestModel = {
  readonly name: string;
  readonly version: string;
  readonly members: readonly ModelMember[];
  readonly model?: object;
  readonly registrant?: Registrant;
};

/** Stores a model as a run does, and gives what became of it. */
export async function storeModel(database: Database, { name, version, members, model, registrant }: TestModel) {
  const place = { operationId: `op_${randomUUID()}`, position: 0 };
  const staged = await stageModel(database, {
    ...place,
    actor: 'somebody',
    source: `${name}.tar.gz`,
    registrant: registrant ?? { kind: 'upload', address: '' },
    head: { model: modelSchema.parse({ displayName: name, ...model, name, version }), definitionVersion: 'v1.0.0' },
  });
  await staged.add(members);
  await staged.seal();
  return publishStaged(database, place);
}

/** A namespaced component whose `spec` has these fields. */
export function component(kind: string, apiVersion: string, fields: JsonObject = {}): ModelMember {
  const schema = { type: 'object', properties: { spec: { type: 'object', properties: fields } } };
  const definition = { kind, apiVersion, displayName: kind, description: `A ${kind}`, scope: 'namespaced', schema };
  return modelMemberSchema.parse({ type: 'component', definition });
}

/** A relationship from one kind to another. */
export function relationship(name: string, from: string, to: string): ModelMember {
  const selectors = [{ allow: { from: [{ kind: from }], to: [{ kind: to }] } }];
  const definition = { name, kind: 'edge', type: 'non-binding', subType: 'reference', selectors };
  return modelMemberSchema.parse({ type: 'relationship', definition: { ...definition, foundBy: { how: 'written' } } });
}

/** Two versions of a model: the newer one has one kind more, one less, and one that is not what it was. */
export const oldLocks: TestModel = {
  name: 'locks',
  version: 'v1.0.0',
  model: { displayName: 'Locks', description: 'Doors and their locks', category: 'Security & Compliance' },
  members: [
    component('Door', 'locks.example/v1', { width: { type: 'integer' }, colour: { type: 'string' } }),
    component('Key', 'locks.example/v1'),
    component('Bell', 'locks.example/v1'),
    relationship('door-key', 'Door', 'Key'),
    modelMemberSchema.parse({ type: 'profile', definition: { name: 'wide', values: { width: 3 } } }),
    modelMemberSchema.parse({ type: 'sample', definition: { name: 'house', source: 'kind: Door' } }),
  ],
};
export const newLocks: TestModel = {
  ...oldLocks,
  version: 'v2.0.0',
  members: [
    component('Door', 'locks.example/v1', { width: { type: 'string' }, height: { type: 'integer' } }),
    component('Key', 'locks.example/v1'),
    component('Window', 'locks.example/v1'),
    relationship('door-key', 'Door', 'Key'),
  ],
};

/** Stores a design of one Door that names a model where one is given, and its deployment with the Door in the inventory. */
export async function deployDoor(api: Pick<TestApi, 'request' | 'database'>, model?: string) {
  const name = `house-${randomUUID().slice(0, 8)}`;
  const connection = await idOf(api.request('/v1/connections', json('POST', { name, kubeconfig: kubeconfigOf(name) })));
  const design = await idOf(api.request('/v1/designs', json('POST', { name, source: doorDesign(name, model) })));
  const { database } = api;
  const { id: deploymentId } = await ensureDeployment(database, { designId: design, connectionId: connection });
  const reference = { apiVersion: 'locks.example/v1', kind: 'Door', namespace: 'home', name: 'front' };
  const object = { key: objectKey(reference), reference, component: 'front', revision: 1, created: true };
  await recordIntended(database, { deploymentId, connectionId: connection, objects: [object] });
  await updateInventory(database, {
    deploymentId,
    changes: [{ key: object.key, uid: 'uid-of-front', state: 'ready', appliedDigest: 'a'.repeat(64) }],
  });
  await setDeploymentState(database, { id: deploymentId, to: 'live', revision: 1 });
  return { name, connection, design, deployment: deploymentId };
}

function doorDesign(name: string, model: string | undefined): string {
  const [modelName, version] = model?.split('@') ?? [];
  const declared = model === undefined ? '' : `model: { name: ${modelName}${version ? `, version: ${version}` : ''} }`;
  return `apiVersion: slipway.dev/v1
kind: Design
metadata: { name: ${name} }
spec:
  components:
    - name: front
      ${declared}
      object:
        apiVersion: locks.example/v1
        kind: Door
        metadata: { name: front, namespace: home }
        spec: { width: 1 }
`;
}

function kubeconfigOf(name: string): string {
  return `apiVersion: v1
kind: Config
current-context: ${name}
contexts: [{ name: ${name}, context: { cluster: ${name}, user: ${name} } }]
clusters: [{ name: ${name}, cluster: { server: 'https://127.0.0.1:6443' } }]
users: [{ name: ${name}, user: { token: very-secret-token } }]
`;
}

async function idOf(answer: Promise<Response>): Promise<string> {
  const body: unknown = await (await answer).json();
  if (typeof body === 'object' && body !== null && 'id' in body && typeof body.id === 'string') return body.id;
  throw new Error(`no id in ${JSON.stringify(body)}`);
}
