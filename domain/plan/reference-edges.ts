import { hardEdge, softEdge, type CandidateEdge } from './candidate-edge.ts';
import { describe, find, type DesignIndex } from './design-index.ts';
import { describeObject } from '../kubernetes-object.ts';
import { objectReferences } from './object-references.ts';
import type { PlannedObject } from './planned-object.ts';
import type { ProducedSecrets } from './produced-secrets.ts';
import type { Reference } from './reference.ts';

/**
 * An edge for each reference whose target the design brings, and for each Secret that one of its custom resources makes.
 * References to other objects are checked at validation.
 */
export function referenceEdges(index: DesignIndex, produced: ProducedSecrets): readonly CandidateEdge[] {
  return index.objects.flatMap((dependent) =>
    objectReferences(dependent).flatMap((reference) => {
      const found = find(index, reference.target);
      if (found !== undefined) return [referenceEdge(reference, { prerequisite: found, dependent })];
      return producerEdges(reference, { dependent, produced });
    }),
  );
}

type Ends = { readonly prerequisite: PlannedObject; readonly dependent: PlannedObject };

function referenceEdge({ verb, needs, strength, weight }: Reference, { prerequisite, dependent }: Ends): CandidateEdge {
  const edge = {
    prerequisite: prerequisite.key,
    dependent: dependent.key,
    needs,
    reason: `${describe(dependent)} ${verb} ${describe(prerequisite)}`,
  };
  return strength === 'hard' ? hardEdge(edge) : softEdge(edge, weight);
}

/** Pods cannot start before the Secret is there; routes can, and the certificate may need the route to be issued. */
function producerEdges(
  { target, verb, path }: Reference,
  { dependent, produced }: { readonly dependent: PlannedObject; readonly produced: ProducedSecrets },
): readonly CandidateEdge[] {
  if (target.kind !== 'Secret') return [];
  const inPods = path.some((step) => step === 'volumes' || step === 'env' || step === 'envFrom');
  return produced.makersOf(target).map((maker) =>
    softEdge(
      {
        prerequisite: maker.key,
        dependent: dependent.key,
        needs: inPods ? 'ready' : 'exists',
        reason: `${describe(dependent)} ${verb} ${describeObject(target)}, which ${describe(maker)} makes`,
      },
      'producedSecret',
    ),
  );
}
