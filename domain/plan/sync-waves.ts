import type { Finding } from '../finding.ts';
import { barrierEdges } from './barrier.ts';
import { hardEdge, joined, type CandidateEdge, type RuleResult } from './candidate-edge.ts';
import { describe, grouped, type DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

const waveAnnotation = 'argocd.argoproj.io/sync-wave';

/**
 * Waves of Argo CD: a wave starts when all objects of the one before are ready. An object that something in an earlier
 * wave cannot do without moves up to it, as Argo CD does with namespaces and CRDs.
 * https://argo-cd.readthedocs.io/en/stable/user-guide/sync-waves/
 */
export function syncWaveEdges(index: DesignIndex, edges: readonly CandidateEdge[]): RuleResult {
  const declared = new Map(index.objects.map((object) => [object.key, declaredWave(object)]));
  if (new Set(declared.values()).size < 2) return { edges: [] };
  const waves = movedUp(declared, edges);
  const members = grouped(index.objects, ({ key }) => [String(waves.get(key) ?? 0)]);
  const order = [...members.keys()].map(Number).toSorted((a, b) => a - b);
  const barriers = order.slice(1).map((wave, position) => {
    const earlier = order[position] ?? 0;
    return barrierEdges({
      gate: { key: `gate:${waveAnnotation}/${wave}`, title: `start of sync wave ${wave}` },
      before: (members.get(String(earlier)) ?? []).map(({ key }) => key),
      after: (members.get(String(wave)) ?? []).map(({ key }) => key),
      edge: (ends) => hardEdge({ ...ends, needs: 'ready', reason: `sync wave ${wave} follows wave ${earlier}` }),
    });
  });
  return joined([...barriers, { edges: [], notes: movedNotes(index, declared, waves) }]);
}

function declaredWave({ annotations }: PlannedObject): number {
  const wave = Number.parseInt(annotations[waveAnnotation] ?? '0', 10);
  return Number.isNaN(wave) ? 0 : wave;
}

/** The earliest wave of each object and of all that cannot do without it. */
function movedUp(declared: ReadonlyMap<string, number>, edges: readonly CandidateEdge[]): ReadonlyMap<string, number> {
  const prerequisites = grouped(
    edges.filter(({ strength }) => strength === 'hard'),
    ({ dependent }) => [dependent],
  );
  const waves = new Map(declared);
  const queue = [...declared].toSorted(([, a], [, b]) => a - b).map(([key]) => key);
  for (const key of queue) {
    const wave = waves.get(key) ?? 0;
    for (const { prerequisite } of prerequisites.get(key) ?? []) {
      if ((waves.get(prerequisite) ?? wave) <= wave) continue;
      waves.set(prerequisite, wave);
      queue.push(prerequisite);
    }
  }
  return waves;
}

function movedNotes(
  index: DesignIndex,
  declared: ReadonlyMap<string, number>,
  waves: ReadonlyMap<string, number>,
): readonly Finding[] {
  return index.objects.flatMap((object) => {
    const wave = waves.get(object.key);
    const wanted = declared.get(object.key);
    if (wave === wanted) return [];
    return [
      {
        severity: 'note',
        code: 'plan.syncWaveMoved',
        message: `${describe(object)} goes with sync wave ${wave}, not ${wanted}, as an object of that wave cannot do without it`,
        subject: object.component,
      },
    ];
  });
}
