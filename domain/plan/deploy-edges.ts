import { accessEdges } from './access-edges.ts';
import { apiServiceEdges } from './api-service-edges.ts';
import { joined, type CandidateEdge, type RuleResult } from './candidate-edge.ts';
import { changeGroupEdges } from './change-groups.ts';
import { withoutWaitForBound } from './claim-edges.ts';
import { customReferenceEdges } from './custom-references.ts';
import { customResourceEdges, definedKinds, type DefinedKind } from './custom-resource-edges.ts';
import { declaredEdges } from './declared-edges.ts';
import type { DesignIndex } from './design-index.ts';
import { referenceGrantEdges } from './gateway-edges.ts';
import { hookNotes } from './hook-notes.ts';
import { istioEdges } from './istio-edges.ts';
import { namespacePolicyEdges } from './namespace-policy-edges.ts';
import { producedSecrets } from './produced-secrets.ts';
import { referenceEdges } from './reference-edges.ts';
import { relationshipEdges } from './relationship-edges.ts';
import { selectorEdges } from './selector-edges.ts';
import { syncWaveEdges } from './sync-waves.ts';
import { interceptionEdges, webhookBackendEdges, webhooksOf } from './webhook-edges.ts';
import { createAdmissionIndex, type AdmissionOperation } from './webhook-interception.ts';

/** All that is known of the order of a design, before cycles are resolved. */
export type Candidates = Required<RuleResult> & { readonly kinds: readonly DefinedKind[] };

/** The edges of all rules. `operations` are those that make a webhook intercept an object. */
export function deployCandidates(
  index: DesignIndex,
  operations: readonly AdmissionOperation[] = ['CREATE', 'UPDATE'],
): Candidates {
  const kinds = definedKinds(index);
  const stated = statedEdges(index, kinds);
  const intercepted = { edges: interceptedEdges(index, { kinds, operations, edges: stated.edges }) };
  const waves = syncWaveEdges(index, [...stated.edges, ...intercepted.edges]);
  const all = joined([stated, intercepted, waves]);
  return { ...all, edges: withoutWaitForBound(index, all.edges), kinds };
}

/** What objects and people say; what webhooks intercept is found among it. */
function statedEdges(index: DesignIndex, kinds: readonly DefinedKind[]): Required<RuleResult> {
  return joined([
    { edges: referenceEdges(index, producedSecrets(index)) },
    customResourceEdges(index, kinds),
    { edges: webhookBackendEdges(index, webhooksOf(index)) },
    { edges: apiServiceEdges(index) },
    { edges: accessEdges(index) },
    { edges: namespacePolicyEdges(index) },
    { edges: selectorEdges(index) },
    { edges: referenceGrantEdges(index) },
    { edges: istioEdges(index) },
    { edges: customReferenceEdges(index) },
    { edges: relationshipEdges(index) },
    declaredEdges(index),
    changeGroupEdges(index, 'upsert'),
    { edges: [], notes: hookNotes(index) },
  ]);
}

type Interception = {
  readonly kinds: readonly DefinedKind[];
  readonly operations: readonly AdmissionOperation[];
  readonly edges: readonly CandidateEdge[];
};

function interceptedEdges(index: DesignIndex, { kinds, operations, edges }: Interception): readonly CandidateEdge[] {
  const webhooks = webhooksOf(index);
  if (webhooks.length === 0) return [];
  const operators = new Map(
    kinds.map(({ kind, operators: workloads }) => [kind, new Set(workloads.map(({ object }) => object.key))]),
  );
  return interceptionEdges(webhooks, {
    admission: createAdmissionIndex(index, operations),
    edges,
    operators,
  });
}
