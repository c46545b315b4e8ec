import { arrayAt, numberAt, stringAt } from '../json.ts';
import { conditionSignals } from './condition-signals.ts';
import { conditionsIn } from './conditions.ts';
import type { Subject } from './subject.ts';
import { verdict, type Readiness } from './verdict.ts';

/** Where objects report per parent: Gateway API routes, policies and listeners, OpenShift routes. */
const attachmentLists = ['parents', 'ancestors', 'listeners', 'ingress'] as const;

/** What is said of the object by each thing it is attached to. */
export function attachedSignals({ object, status }: Subject): readonly Readiness[] {
  return attachmentLists.flatMap((list) => {
    const entries = arrayAt(status, list);
    const judged = currentEntries(object, entries);
    return judged.flatMap((entry) =>
      conditionsIn(entry).length === 0 && list !== 'ingress'
        ? [
            verdict('progressing', `One of the ${list} has not answered yet`, {
              reason: 'NotObserved',
              confidence: 'low',
            }),
          ]
        : conditionSignals(object, entry),
    );
  });
}

/** An entry about an older generation is a left-over where the same controller has another about the latest. */
function currentEntries(object: unknown, entries: readonly unknown[]): readonly unknown[] {
  const generation = numberAt(object, 'metadata', 'generation') ?? 0;
  const isUpToDate = (entry: unknown): boolean =>
    conditionsIn(entry).every((condition) => (condition.observedGeneration ?? generation) >= generation);
  const upToDate = new Set(entries.filter(isUpToDate).map(controllerOf));
  return entries.filter((entry) => isUpToDate(entry) || !upToDate.has(controllerOf(entry)));
}

function controllerOf(entry: unknown): string | undefined {
  return stringAt(entry, 'controllerName');
}
