import { definitionsIn, definitionType } from '../../../domain/custom-resource-definition.ts';
import { type KubernetesObject, objectKey, versionOf } from '../../../domain/kubernetes-object.ts';
import { isKubernetesGroup } from '../../../domain/design/known-kinds.ts';
import { stringAt } from '../../../domain/json.ts';
import { readinessOf } from '../../../domain/readiness.ts';
import { type StatusSchema, statusSchemaOf } from '../../../domain/readiness/status-schema.ts';
import type { Readiness } from '../../../domain/readiness/verdict.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';

export type ReadinessJudge = (object: KubernetesObject) => Promise<Readiness>;

export type ReadinessJudgeOptions = {
  readonly client: ClusterClient;
  /** Manifests of the plan, among them perhaps CRDs. */
  readonly objects: Readonly<Record<string, KubernetesObject>>;
  readonly mode: 'strict' | 'kstatus';
  readonly signal: AbortSignal;
};

/** Judges live objects, custom resources by what their CRD declares, read once a kind. */
export function createReadinessJudge({ client, objects, mode, signal }: ReadinessJudgeOptions): ReadinessJudge {
  const schemas = new Map<string, Promise<StatusSchema | undefined>>();
  const definitionOf = definitionsIn(Object.values(objects));

  const readSchema = async ({ apiVersion, kind }: KubernetesObject): Promise<StatusSchema | undefined> => {
    const definition =
      definitionOf({ apiVersion, kind }) ?? (await readDefinition(client, { apiVersion, kind }, signal));
    return definition === undefined ? undefined : statusSchemaOf(definition, versionOf(apiVersion));
  };

  const schemaOf = (object: KubernetesObject): Promise<StatusSchema | undefined> => {
    const key = `${object.apiVersion}/${object.kind}`;
    const known = schemas.get(key) ?? readSchema(object);
    schemas.set(key, known);
    return known;
  };

  /** A claim whose class waits for the first consumer stays pending until a pod uses it. */
  const bindingModeOf = async (claim: KubernetesObject): Promise<'Immediate' | 'WaitForFirstConsumer' | undefined> => {
    const name = stringAt(claim, 'spec', 'storageClassName') ?? '';
    if (name === '') return undefined;
    const reference = { apiVersion: 'storage.k8s.io/v1', kind: 'StorageClass', name };
    const storageClass = objects[objectKey(reference)] ?? (await client.find(reference, { signal }));
    return stringAt(storageClass, 'volumeBindingMode') === 'WaitForFirstConsumer'
      ? 'WaitForFirstConsumer'
      : 'Immediate';
  };

  return async (object) => {
    const now = new Date();
    if (object.kind === 'PersistentVolumeClaim' && object.apiVersion === 'v1') {
      const volumeBindingMode = await bindingModeOf(object);
      return readinessOf(object, { mode, now, ...(volumeBindingMode === undefined ? {} : { volumeBindingMode }) });
    }
    if (mode === 'kstatus' || isKubernetesGroup(object.apiVersion)) return readinessOf(object, { mode, now });
    const statusSchema = await schemaOf(object);
    return readinessOf(object, { mode, now, ...(statusSchema === undefined ? {} : { statusSchema }) });
  };
}

async function readDefinition(
  client: ClusterClient,
  { apiVersion, kind }: { readonly apiVersion: string; readonly kind: string },
  signal: AbortSignal,
): Promise<KubernetesObject | undefined> {
  const resource = await client.discovery.resourceFor(apiVersion, kind, { signal });
  if (resource === undefined || resource.group === '') return undefined;
  const name = `${resource.plural}.${resource.group}`;
  return client.find({ ...definitionType, name }, { signal });
}
