import { arrayAt, stringAt, valueAt, type JsonPath } from '../json.ts';
import type { PlannedObject } from './planned-object.ts';
import type { PodTemplate } from './pod-template.ts';
import { refersTo, type Reference } from './reference.ts';

type Pods = { readonly template: PodTemplate; readonly namespace: string | undefined };

/** A place in a pod spec that may name a ConfigMap or Secret. */
type Source = { readonly source: unknown; readonly path: JsonPath; readonly namespace: string | undefined };

/** Kubernetes puts this ConfigMap into every namespace. */
const rootCertificates = 'kube-root-ca.crt';

/** What the pods of a workload need before they can run (core/v1 PodSpec). */
export function podReferences({ pods: template, namespace }: PlannedObject): readonly Reference[] {
  if (template === undefined) return [];
  const pods = { template, namespace };
  return [
    ...accountReferences(pods),
    ...classReferences(pods),
    ...pullSecretReferences(pods),
    ...volumeReferences(pods),
    ...containerReferences(pods),
  ];
}

function accountReferences({ template: { spec, path }, namespace }: Pods): readonly Reference[] {
  const field = stringAt(spec, 'serviceAccountName') === undefined ? 'serviceAccount' : 'serviceAccountName';
  const name = stringAt(spec, field) ?? 'default';
  // Every namespace gets an account named `default` by itself; a design that declares it only changes it.
  const optional = name === 'default';
  return refersTo({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    name,
    namespace,
    path: [...path, field],
    verb: 'runs as',
    optional,
  });
}

function classReferences({ template: { spec, path } }: Pods): readonly Reference[] {
  const classes = [
    { field: 'priorityClassName', apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass' },
    { field: 'runtimeClassName', apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass' },
  ];
  return classes.flatMap(({ field, apiVersion, kind }) =>
    refersTo({ apiVersion, kind, name: stringAt(spec, field), path: [...path, field], verb: 'uses' }),
  );
}

function pullSecretReferences({ template: { spec, path }, namespace }: Pods): readonly Reference[] {
  return arrayAt(spec, 'imagePullSecrets').flatMap((secret, position) =>
    refersTo({
      apiVersion: 'v1',
      kind: 'Secret',
      name: stringAt(secret, 'name'),
      namespace,
      path: [...path, 'imagePullSecrets', position],
      verb: 'pulls images with',
    }),
  );
}

function volumeReferences({ template: { spec, path }, namespace }: Pods): readonly Reference[] {
  return arrayAt(spec, 'volumes').flatMap((source, position) => {
    const volume = { source, path: [...path, 'volumes', position], namespace };
    return [
      ...configurationReferences(volume),
      ...arrayAt(source, 'projected', 'sources').flatMap((projected, projectedPosition) =>
        configurationReferences({
          source: projected,
          path: [...volume.path, 'projected', 'sources', projectedPosition],
          namespace,
        }),
      ),
      ...claimReferences(volume),
      ...driverSecretReferences(volume),
    ];
  });
}

/** Volumes spell it `secret.secretName`, projected sources `secret.name`; both `configMap.name`. */
function configurationReferences({ source, path, namespace }: Source): readonly Reference[] {
  const fields = [
    { volume: 'configMap', field: 'name', kind: 'ConfigMap' },
    { volume: 'secret', field: 'secretName', kind: 'Secret' },
    { volume: 'secret', field: 'name', kind: 'Secret' },
  ];
  return fields.flatMap(({ volume, field, kind }) => {
    const name = stringAt(source, volume, field);
    if (name === rootCertificates) return [];
    const optional = valueAt(source, volume, 'optional') === true;
    return refersTo({
      apiVersion: 'v1',
      kind,
      name,
      namespace,
      path: [...path, volume, field],
      verb: 'mounts',
      optional,
    });
  });
}

function claimReferences({ source, path, namespace }: Source): readonly Reference[] {
  const field = ['persistentVolumeClaim', 'claimName'];
  return refersTo({
    apiVersion: 'v1',
    kind: 'PersistentVolumeClaim',
    name: stringAt(source, ...field),
    namespace,
    path: [...path, ...field],
    verb: 'mounts',
  });
}

function driverSecretReferences({ source, path, namespace }: Source): readonly Reference[] {
  const fields = [
    ['csi', 'nodePublishSecretRef', 'name'],
    ...['cephfs', 'rbd', 'iscsi', 'scaleIO', 'storageos', 'flexVolume'].map((driver) => [driver, 'secretRef', 'name']),
    ['azureFile', 'secretName'],
  ];
  return fields.flatMap((field) =>
    refersTo({
      apiVersion: 'v1',
      kind: 'Secret',
      name: stringAt(source, ...field),
      namespace,
      path: [...path, ...field],
      verb: 'mounts a volume with',
    }),
  );
}

const environmentFields = [
  { list: 'env', field: ['valueFrom', 'configMapKeyRef'], kind: 'ConfigMap' },
  { list: 'env', field: ['valueFrom', 'secretKeyRef'], kind: 'Secret' },
  { list: 'envFrom', field: ['configMapRef'], kind: 'ConfigMap' },
  { list: 'envFrom', field: ['secretRef'], kind: 'Secret' },
];

function containerReferences({ template: { spec, path }, namespace }: Pods): readonly Reference[] {
  return ['initContainers', 'containers', 'ephemeralContainers'].flatMap((list) =>
    arrayAt(spec, list).flatMap((source, position) =>
      environmentReferences({ source, path: [...path, list, position], namespace }),
    ),
  );
}

function environmentReferences({ source, path, namespace }: Source): readonly Reference[] {
  return environmentFields.flatMap(({ list, field, kind }) =>
    arrayAt(source, list).flatMap((entry, position) =>
      refersTo({
        apiVersion: 'v1',
        kind,
        name: stringAt(entry, ...field, 'name'),
        namespace,
        path: [...path, list, position, ...field, 'name'],
        verb: 'reads its environment from',
        optional: valueAt(entry, ...field, 'optional') === true,
      }),
    ),
  );
}
