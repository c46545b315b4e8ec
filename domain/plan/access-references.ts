import { arrayAt, stringAt } from '../json.ts';
import { isKind, type PlannedObject } from './planned-object.ts';
import { refersTo, type Reference } from './reference.ts';

export const rbacGroup = 'rbac.authorization.k8s.io';

/** Whether the object is a RoleBinding or a ClusterRoleBinding. */
export function isBinding(object: PlannedObject): boolean {
  return isKind(object, rbacGroup, 'RoleBinding') || isKind(object, rbacGroup, 'ClusterRoleBinding');
}

/**
 * What bindings and service accounts refer to. A binding needs its role, as `roleRef` cannot change and the server
 * checks for escalation; its subjects may come later.
 */
export function accessReferences(object: PlannedObject): readonly Reference[] {
  if (isBinding(object)) return [...roleReferences(object), ...subjectReferences(object)];
  return isKind(object, '', 'ServiceAccount') ? accountSecretReferences(object) : [];
}

function roleReferences({ object, namespace }: PlannedObject): readonly Reference[] {
  const kind = stringAt(object, 'roleRef', 'kind') === 'Role' ? 'Role' : 'ClusterRole';
  return refersTo({
    apiVersion: `${rbacGroup}/v1`,
    kind,
    name: stringAt(object, 'roleRef', 'name'),
    namespace: kind === 'Role' ? namespace : undefined,
    path: ['roleRef'],
    verb: 'grants',
  });
}

function subjectReferences({ object, namespace }: PlannedObject): readonly Reference[] {
  return arrayAt(object, 'subjects').flatMap((subject, position) => {
    if (stringAt(subject, 'kind') !== 'ServiceAccount') return [];
    return refersTo({
      apiVersion: 'v1',
      kind: 'ServiceAccount',
      name: stringAt(subject, 'name'),
      namespace: stringAt(subject, 'namespace') ?? namespace,
      path: ['subjects', position],
      verb: 'binds',
      optional: true,
      weight: 'access',
    });
  });
}

/** Soft, as a token Secret is made for its account and names it: it can only come after it. */
function accountSecretReferences({ object, namespace }: PlannedObject): readonly Reference[] {
  return ['secrets', 'imagePullSecrets'].flatMap((list) =>
    arrayAt(object, list).flatMap((secret, position) =>
      refersTo({
        apiVersion: 'v1',
        kind: 'Secret',
        name: stringAt(secret, 'name'),
        namespace,
        path: [list, position],
        verb: 'hands out',
        optional: true,
      }),
    ),
  );
}
