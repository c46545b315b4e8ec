import { arrayAt, isJsonObject, numberAt, objectAt, stringAt, valueAt } from '../json.ts';
import { groupOf } from '../kubernetes-object.ts';
import { conditionsOf } from './conditions.ts';
import { kstatusRuleOf } from './kstatus-kinds.ts';
import { current, failed, inProgress, type KstatusResult } from './kstatus-result.ts';
import type { ObservedObject } from './verdict.ts';

/**
 * The status of an object as kstatus computes it.
 * Source: sigs.k8s.io/cli-utils pkg/kstatus/status (core.go, generic.go, status.go).
 */
export function kstatusOf(object: ObservedObject, now: Date): KstatusResult {
  if (stringAt(object, 'metadata', 'deletionTimestamp')) {
    return { status: 'Terminating', reason: '', message: 'Resource scheduled for deletion', conditions: [] };
  }
  return generic(object) ?? byKind(object, now) ?? byReadyCondition(object) ?? current('Resource is current');
}

/** A copy of the object with the `Reconciling` and `Stalled` conditions that kstatus derives, as its Augment does. */
export function augment(object: ObservedObject, now: Date): ObservedObject {
  const derived = kstatusOf(object, now).conditions;
  const existing = arrayAt(object, 'status', 'conditions');
  const derivedTypes = new Set<string | undefined>(derived.map((condition) => condition.type));
  const lastTransitionTime = now.toISOString();
  const merged = [
    ...existing.filter((entry) => !derivedTypes.has(stringAt(entry, 'type'))),
    ...derived.map((condition) => unchangedIn(existing, condition) ?? { ...condition, lastTransitionTime }),
  ];
  return { ...object, status: { ...objectAt(object, 'status'), conditions: merged } };
}

function unchangedIn(
  existing: readonly unknown[],
  condition: { readonly type: string; readonly status: string },
): unknown {
  return existing.find(
    (entry) => stringAt(entry, 'type') === condition.type && stringAt(entry, 'status') === condition.status,
  );
}

function generic(object: ObservedObject): KstatusResult | undefined {
  const generation = numberAt(object, 'metadata', 'generation');
  const observed = numberAt(object, 'status', 'observedGeneration');
  if (generation !== undefined && observed !== undefined && observed !== generation) {
    return inProgress('LatestGenerationNotObserved', `generation is ${generation}, but latest observed is ${observed}`);
  }
  for (const { type, status, reason, message } of conditionsOf(object)) {
    if (type === 'Reconciling' && status === 'True') return inProgress(reason, message);
    if (type === 'Stalled' && status === 'True') return failed(reason, message);
  }
  return undefined;
}

function byKind(object: ObservedObject, now: Date): KstatusResult | undefined {
  const kind = stringAt(object, 'kind') ?? '';
  const group = groupOf(stringAt(object, 'apiVersion') ?? '');
  return kstatusRuleOf(
    group,
    kind,
  )?.({ object, spec: objectAt(object, 'spec'), status: objectAt(object, 'status'), now });
}

function byReadyCondition(object: ObservedObject): KstatusResult | undefined {
  if (!isJsonObject(valueAt(object, 'status'))) return undefined;
  const ready = conditionsOf(object).find(
    ({ type, status }) => type === 'Ready' && ['True', 'False', 'Unknown'].includes(status),
  );
  if (ready === undefined) return undefined;
  return ready.status === 'True' ? current('Resource is Ready') : inProgress(ready.reason, ready.message);
}
