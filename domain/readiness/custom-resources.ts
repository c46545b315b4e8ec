import { stringAt, valueAt } from '../json.ts';
import { groupOf } from '../kubernetes-object.ts';
import { attachedSignals } from './attached-signals.ts';
import { conditionSignals } from './condition-signals.ts';
import { conditionsOf } from './conditions.ts';
import { countSignals } from './count-signals.ts';
import { curatedKindOf, isSettingsKind, type CuratedKind } from './curated.ts';
import { stateSignals } from './state-signals.ts';
import type { Subject } from './subject.ts';
import { verdict, worstOf, type Readiness } from './verdict.ts';

const suspendFields = [
  ['suspend'],
  ['suspended'],
  ['paused'],
  ['pause'],
  ['updateStrategy', 'paused'],
  ['updateStrategy', 'rollingUpdate', 'paused'],
] as const;

const holdsData = verdict('ready', 'The object only holds data', { confidence: 'low' });

/** The readiness of an object whose kind has no rule of its own, from the habits that controllers share. */
export function customResourceReadiness(subject: Subject): Readiness {
  if (suspendFields.some((path) => valueAt(subject.spec, ...path) === true)) {
    return verdict('suspended', 'The object is suspended by its spec', { reason: 'Suspended' });
  }
  const { group, kind } = identityOf(subject);
  const curated = curatedKindOf(group, kind);
  const passive = isPassive(subject, curated);
  if (Object.keys(subject.status).length === 0) return passive ? holdsData : withoutStatus(subject, kind);
  return worstOf(withoutGuesses(signalsOf(subject, curated))) ?? (passive ? holdsData : silent(subject));
}

/** All that the status says of readiness, field by field. */
function signalsOf(subject: Subject, curated: CuratedKind | undefined): readonly Readiness[] {
  const { object, status } = subject;
  return [
    ...(curated?.conditionsAreHistory === true ? [] : conditionSignals(object, status)),
    ...attachedSignals(subject),
    ...stateSignals(subject, curated),
    ...countSignals(subject),
    ...missingConditions(object, curated?.expects ?? []),
  ];
}

/** A word that nobody knows counts for nothing where the object says plainly that it is ready. */
function withoutGuesses(said: readonly Readiness[]): readonly Readiness[] {
  const plainlyReady = said.some(({ status, confidence }) => status === 'ready' && confidence === 'high');
  return plainlyReady ? said.filter(({ status, confidence }) => status !== 'unknown' || confidence === 'high') : said;
}

function identityOf({ object }: Subject): { readonly group: string; readonly kind: string } {
  return { group: groupOf(stringAt(object, 'apiVersion') ?? ''), kind: stringAt(object, 'kind') ?? '' };
}

function isPassive({ spec }: Subject, curated: CuratedKind | undefined): boolean {
  const where = curated?.passiveWhere;
  return curated?.passive === true || (where !== undefined && valueAt(spec, where.field) === where.is);
}

/** No status yet: the definition says whether one is to come; without the definition it is expected. */
function withoutStatus({ context }: Subject, kind: string): Readiness {
  const schema = context.statusSchema;
  if (schema === undefined && isSettingsKind(kind)) return holdsData;
  if (schema?.hasStatus === false) {
    return verdict('ready', 'The definition of this kind has no status', { confidence: 'low' });
  }
  const promised = schema?.conditions === true || schema?.observedGeneration === true;
  return verdict('progressing', 'No controller has reported a status yet', {
    reason: 'NotObserved',
    confidence: promised ? 'high' : 'low',
  });
}

function missingConditions(object: unknown, expected: readonly string[]): readonly Readiness[] {
  const types = new Set(conditionsOf(object).map(({ type }) => type));
  return expected
    .filter((type) => !types.has(type))
    .map((type) =>
      verdict('progressing', `The condition ${type} has not been reported yet`, { reason: 'NotObserved' }),
    );
}

/** A status that says nothing of readiness: ready for want of anything against it, unless conditions are to come. */
function silent({ object, context }: Subject): Readiness {
  const conditions = conditionsOf(object);
  const awaited = context.statusSchema?.conditions === true && conditions.length === 0;
  const noneTrue = conditions.length > 0 && conditions.every(({ status }) => status !== 'True');
  return awaited || noneTrue
    ? verdict('progressing', 'No condition is true yet', { reason: 'NotObserved', confidence: 'low' })
    : verdict('ready', 'Nothing in the status speaks against it', { confidence: 'low' });
}
