import { barrierEdges } from './barrier.ts';
import { hardEdge, joined, softEdge, type CandidateEdge, type RuleResult } from './candidate-edge.ts';
import { changeGroupEdges } from './change-groups.ts';
import type { DefinedKind } from './custom-resource-edges.ts';
import { werfEdges } from './declared-edges.ts';
import { deployCandidates } from './deploy-edges.ts';
import { describe, find, workloadsBehind, type DesignIndex } from './design-index.ts';
import { isBuiltIn } from './kind-rank.ts';
import { objectReferences } from './object-references.ts';
import { boundAccounts } from './operators.ts';
import { isBinding } from './access-references.ts';
import { isRoute } from './routing-references.ts';

/**
 * The deploy edges turned round, each needing `gone`, with these exceptions:
 * - a webhook configuration or APIService whose backend does not answer goes before what it intercepts or serves;
 * - custom resources whose operator could not be told go before every workload that has rights in the cluster;
 * - routes go before the workloads behind them, so that no traffic meets a closed door;
 * - kapp's delete rules and werf's delete dependencies are followed.
 */
export function undeployCandidates(index: DesignIndex, unhealthyBackends: ReadonlySet<string>): Required<RuleResult> {
  const deploy = deployCandidates(index, ['CREATE', 'UPDATE', 'DELETE']);
  const mirrored = {
    edges: deploy.edges.map((edge) => mirror(edge, unhealthyBackends)),
    gates: deploy.gates,
  };
  return joined([
    mirrored,
    unknownOperatorEdges(index, deploy.kinds),
    { edges: routeEdges(index) },
    ...index.objects.map((object) => ({ edges: werfEdges(index, object, 'delete').edges })),
    changeGroupEdges(index, 'delete'),
  ]);
}

function mirror(edge: CandidateEdge, unhealthyBackends: ReadonlySet<string>): CandidateEdge {
  const { prerequisite, dependent, reason } = edge;
  if (unhealthyBackends.has(prerequisite))
    return hardEdge({ prerequisite, dependent, needs: 'gone', reason: `${reason}, but its backend does not answer` });
  return { ...edge, prerequisite: dependent, dependent: prerequisite, needs: 'gone' };
}

function unknownOperatorEdges(index: DesignIndex, kinds: readonly DefinedKind[]): RuleResult {
  const orphans = kinds
    .filter(({ operators }) => operators.length === 0)
    .flatMap(({ instances }) => instances)
    .filter((instance) => !isBuiltIn(instance));
  const workloads = index.objects
    .filter(isBinding)
    .flatMap(boundAccounts)
    .flatMap((account) => index.workloadsByAccount.get(account) ?? [])
    .map(({ object }) => object);
  return barrierEdges({
    gate: { key: 'gate:unknown-operators', title: 'removal of custom resources whose operator is not known' },
    before: orphans.map(({ key }) => key),
    after: workloads.map(({ key }) => key),
    edge: (ends) =>
      softEdge(
        { ...ends, needs: 'gone', reason: 'it may operate custom resources that are still to be removed' },
        'unknownOperator',
      ),
  });
}

function routeEdges(index: DesignIndex): readonly CandidateEdge[] {
  return index.objects.filter(isRoute).flatMap((route) =>
    objectReferences(route)
      .flatMap(({ target }) => find(index, target) ?? [])
      .filter(({ group, kind }) => group === '' && kind === 'Service')
      .flatMap((service) => workloadsBehind(index, service))
      .map(({ object: workload }) =>
        softEdge(
          {
            prerequisite: route.key,
            dependent: workload.key,
            needs: 'gone',
            reason: `${describe(route)} sends traffic to ${describe(workload)}`,
          },
          'routing',
        ),
      ),
  );
}
