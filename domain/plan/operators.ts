import { arrayAt, stringAt } from '../json.ts';
import { isBinding, rbacGroup } from './access-references.ts';
import { allOf, grouped, serviceAccountOf, type DesignIndex, type Workload } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

/** What is needed of a definition to find who serves it. */
type Definition = { readonly object: PlannedObject; readonly group: string; readonly plural: string };

/** The workloads that serve the kinds of the design, by key of the CRD; a CRD without one is left out. */
export function operatorsOf(index: DesignIndex): ReadonlyMap<string, readonly Workload[]> {
  const controllers = longRunning(index);
  const byRelease = grouped(controllers, ({ object }) => releasesOf(object));
  const grants = grantsByAccount(index, controllers);
  return new Map(
    [...index.definitions.values()].flatMap((object) => {
      const found = operatorsOfDefinition(definitionOf(object), { byRelease, grants });
      return found.length === 0 ? [] : [[object.key, found]];
    }),
  );
}

type Clues = {
  readonly byRelease: ReadonlyMap<string, readonly Workload[]>;
  readonly grants: readonly Grant[];
};

/**
 * First the workloads of the chart release that the CRD came with, as far as they may write what it defines; without a
 * release, whoever may.
 */
function operatorsOfDefinition(definition: Definition, { byRelease, grants }: Clues): readonly Workload[] {
  const mates = new Set(releasesOf(definition.object).flatMap((release) => byRelease.get(release) ?? []));
  const entitled = entitledTo(definition, grants);
  const both = entitled.filter((workload) => mates.has(workload));
  if (both.length > 0) return both;
  return mates.size > 0 ? [...mates] : entitled;
}

/** The strongest claim wins: writing status or finalizers is what operators do; older ones only update the object. */
function entitledTo({ group, plural }: Definition, grants: readonly Grant[]): readonly Workload[] {
  const fitting = grants.filter((grant) => grant.groups.has(group));
  const watching = fitting.filter((grant) => allows(grant, plural, ['watch'])).map(({ workload }) => workload);
  const claims = [[`${plural}/status`, `${plural}/finalizers`], [plural]];
  for (const resources of claims) {
    const writing = new Set(
      fitting
        .filter((grant) => resources.some((resource) => allows(grant, resource, ['update', 'patch'])))
        .map(({ workload }) => workload),
    );
    const found = [...new Set(watching)].filter((workload) => writing.has(workload));
    if (found.length > 0) return found;
  }
  return [];
}

/** One rule of a role that the account of a workload is bound to. */
type Grant = {
  readonly workload: Workload;
  readonly groups: ReadonlySet<unknown>;
  readonly resources: ReadonlySet<unknown>;
  readonly verbs: ReadonlySet<unknown>;
};

function allows({ resources, verbs }: Grant, resource: string, anyOf: readonly string[]): boolean {
  const [, subresource] = resource.split('/');
  const named = resources.has(resource) || resources.has('*') || resources.has(`*/${subresource ?? ''}`);
  return named && (verbs.has('*') || anyOf.some((verb) => verbs.has(verb)));
}

function grantsByAccount(index: DesignIndex, controllers: readonly Workload[]): readonly Grant[] {
  const byAccount = grouped(controllers, ({ object, template }) => [
    `${object.namespace ?? ''}/${serviceAccountOf(template)}`,
  ]);
  const bindings = index.objects.filter(isBinding);
  return bindings.flatMap((binding) =>
    boundAccounts(binding)
      .flatMap((account) => byAccount.get(account) ?? [])
      .flatMap((workload) => rulesOf(index, binding).map((rule) => ({ workload, ...rule }))),
  );
}

/** `namespace/name` of the service accounts that a binding names. */
export function boundAccounts({ object, namespace }: PlannedObject): readonly string[] {
  return arrayAt(object, 'subjects').flatMap((subject) => {
    if (stringAt(subject, 'kind') !== 'ServiceAccount') return [];
    return [`${stringAt(subject, 'namespace') ?? namespace ?? ''}/${stringAt(subject, 'name') ?? ''}`];
  });
}

function rulesOf(index: DesignIndex, { object, namespace }: PlannedObject): readonly Omit<Grant, 'workload'>[] {
  const scope = stringAt(object, 'roleRef', 'kind') === 'Role' ? (namespace ?? '') : '';
  const kind = scope === '' ? 'ClusterRole' : 'Role';
  const role = index.byKey.get(`${rbacGroup}/${kind}/${scope}/${stringAt(object, 'roleRef', 'name') ?? ''}`);
  return arrayAt(role?.object, 'rules').map((rule) => ({
    groups: new Set(arrayAt(rule, 'apiGroups')),
    resources: new Set(arrayAt(rule, 'resources')),
    verbs: new Set(arrayAt(rule, 'verbs')),
  }));
}

function longRunning(index: DesignIndex): readonly Workload[] {
  const keys = new Set(
    ['Deployment', 'StatefulSet', 'DaemonSet'].flatMap((kind) => allOf(index, 'apps', kind)).map(({ key }) => key),
  );
  return index.workloads.filter(({ object }) => keys.has(object.key));
}

/** The chart release that an object was rendered for, from the labels that charts set. https://helm.sh/docs/chart_best_practices/labels/ */
function releasesOf({ labels, annotations }: PlannedObject): readonly string[] {
  const chart = labels['helm.sh/chart'] ?? labels['chart'];
  const instance =
    labels['app.kubernetes.io/instance'] ?? annotations['meta.helm.sh/release-name'] ?? labels['release'];
  return chart === undefined ? [] : [`${chart} ${instance ?? ''}`];
}

function definitionOf(object: PlannedObject): Definition {
  return {
    object,
    group: stringAt(object.object, 'spec', 'group') ?? '',
    plural: stringAt(object.object, 'spec', 'names', 'plural') ?? '',
  };
}
