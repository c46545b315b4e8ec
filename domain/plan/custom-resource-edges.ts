import type { Finding } from '../finding.ts';
import { hardEdge, softEdge, type CandidateEdge, type RuleResult } from './candidate-edge.ts';
import { describe, find, grouped, workloadsBehind, type DesignIndex, type Workload } from './design-index.ts';
import { isBuiltIn } from './kind-rank.ts';
import { operatorsOf } from './operators.ts';
import type { PlannedObject } from './planned-object.ts';
import { calledServices } from './service-reference.ts';

/** A CRD of the design with what stands behind it. */
export type DefinedKind = {
  /** `group/Kind`. */
  readonly kind: string;
  readonly definition: PlannedObject;
  readonly instances: readonly PlannedObject[];
  readonly operators: readonly Workload[];
};

/** The CRDs of the design, by key. */
export function definedKinds(index: DesignIndex): readonly DefinedKind[] {
  const operators = operatorsOf(index);
  return [...index.definitions].map(([kind, definition]) => ({
    kind,
    definition,
    instances: index.byKind.get(kind) ?? [],
    operators: operators.get(definition.key) ?? [],
  }));
}

/**
 * A custom resource needs its CRD established, the webhook that converts it, and its operator running; an operator would
 * crash without its CRD. Kinds that a Helm release brings need the release.
 */
export function customResourceEdges(index: DesignIndex, kinds: readonly DefinedKind[]): RuleResult {
  const edges = kinds.flatMap((kind) => [
    ...kind.instances.map((instance) => definitionEdge(kind.definition, instance)),
    ...conversionEdges(index, kind),
    ...operatorEdges(kind),
  ]);
  return { edges: [...edges, ...releaseEdges(index)], notes: kinds.flatMap(unknownOperator) };
}

function definitionEdge(definition: PlannedObject, instance: PlannedObject): CandidateEdge {
  return hardEdge({
    prerequisite: definition.key,
    dependent: instance.key,
    needs: 'established',
    reason: `${describe(definition)} defines ${instance.kind}`,
  });
}

function conversionEdges(index: DesignIndex, { definition, instances }: DefinedKind): readonly CandidateEdge[] {
  const backends = calledServices(definition).flatMap(({ target }) => {
    const service = find(index, target);
    if (service === undefined) return [];
    return [service, ...workloadsBehind(index, service).map(({ object }) => object)];
  });
  return backends.flatMap((backend) =>
    instances.map((instance) =>
      hardEdge({
        prerequisite: backend.key,
        dependent: instance.key,
        needs: backend.kind === 'Service' ? 'exists' : 'ready',
        reason: `${describe(backend)} converts ${instance.kind} between versions`,
      }),
    ),
  );
}

function operatorEdges({ definition, instances, operators }: DefinedKind): readonly CandidateEdge[] {
  return operators.flatMap(({ object: operator }) => [
    softEdge(
      {
        prerequisite: definition.key,
        dependent: operator.key,
        needs: 'established',
        reason: `${describe(operator)} operates ${describe(definition)}`,
      },
      'operator',
    ),
    ...instances.map((instance) =>
      softEdge(
        {
          prerequisite: operator.key,
          dependent: instance.key,
          needs: 'ready',
          reason: `${describe(operator)} operates ${instance.kind}`,
        },
        'operator',
      ),
    ),
  ]);
}

function releaseEdges(index: DesignIndex): readonly CandidateEdge[] {
  const provided = Object.entries(index.context.provides ?? {}).flatMap(([component, kinds]) => {
    const release = index.byComponent.get(component);
    return release === undefined ? [] : kinds.map(({ group, kind }) => ({ release, kind: `${group}/${kind}` }));
  });
  const byKind = grouped(provided, ({ kind }) => [kind]);
  return [...byKind.entries()].flatMap(([kind, releases]) =>
    (index.byKind.get(kind) ?? []).flatMap((instance) =>
      releases.map(({ release }) =>
        hardEdge({
          prerequisite: release.key,
          dependent: instance.key,
          needs: 'ready',
          reason: `${describe(release)} brings ${instance.kind}`,
        }),
      ),
    ),
  );
}

function unknownOperator({ definition, instances, operators }: DefinedKind): readonly Finding[] {
  const custom = instances.filter((instance) => !isBuiltIn(instance));
  if (operators.length > 0 || custom.length === 0) return [];
  return [
    {
      severity: 'note',
      code: 'plan.unknownOperator',
      message: `no workload of the design could be told to operate ${describe(definition)}, so its ${custom.length} custom resources wait only for the CRD`,
      fix: 'If the design brings the operator, name it in dependsOn of the custom resources.',
      subject: describe(definition),
    },
  ];
}
