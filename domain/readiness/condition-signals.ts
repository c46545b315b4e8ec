import { numberAt, stringAt } from '../json.ts';
import { conditionsIn, describeCondition, type Condition } from './conditions.ts';
import { polarityOf, shortType } from './polarity.ts';
import { isTaskKind } from './task-kinds.ts';
import { verdict, type Readiness } from './verdict.ts';
import { meaningOf } from './words.ts';

/** Once one of these is True it speaks for the parts. */
const summingTypes = new Set(['Ready', 'Succeeded', 'Complete', 'Completed', 'Finished']);
/** These may say no even then. */
const besideReady = new Set(['Accepted', 'Available', 'Healthy', 'Installed', 'Programmed', 'ResolvedRefs', 'Synced']);

/** What the conditions of an object say of it, one judgement for each that says something. */
export function conditionSignals(object: unknown, status: unknown): readonly Readiness[] {
  const conditions = conditionsIn(status);
  const generation = numberAt(object, 'metadata', 'generation');
  const isTask = isTaskKind(stringAt(object, 'kind') ?? '');
  const summedUp = conditions.some(({ type, status: value }) => summingTypes.has(type) && value === 'True');
  return conditions
    .filter(({ type }) => !summedUp || !isPart(type))
    .flatMap((condition) => {
      const signal =
        staleSignal(condition, generation) ?? (isTask ? unendedSignal(condition) : undefined) ?? signalOf(condition);
      return signal === undefined ? [] : [signal];
    });
}

function isPart(type: string): boolean {
  const polarity = polarityOf(type);
  const positive = polarity === 'summary' || polarity === 'part';
  return positive && !summingTypes.has(type) && !besideReady.has(shortType(type));
}

function staleSignal(condition: Condition, generation: number | undefined): Readiness | undefined {
  const { type, observedGeneration } = condition;
  if ((observedGeneration ?? Infinity) >= (generation ?? 0)) return undefined;
  if (polarityOf(type) !== 'summary') return undefined;
  return verdict('progressing', `${type} speaks of generation ${observedGeneration}, not yet of ${generation}`, {
    reason: 'LatestGenerationNotObserved',
  });
}

function unendedSignal(condition: Condition): Readiness | undefined {
  const running = condition.type === 'Running' && condition.status === 'True';
  return running ? fromCondition('progressing', condition, 'low') : undefined;
}

function signalOf(condition: Condition): Readiness | undefined {
  const polarity = polarityOf(condition.type);
  switch (polarity) {
    case 'summary':
    case 'part':
      return goodSignal(condition, polarity === 'summary' ? 'high' : 'low');
    case 'trouble':
      return troubleSignal(condition);
    case 'movement':
      return movementSignal(condition);
    case 'pause':
      return condition.status === 'True' ? fromCondition('suspended', condition) : undefined;
    default:
      return undefined;
  }
}

function goodSignal(condition: Condition, confidence: 'high' | 'low'): Readiness {
  const { status, reason, type } = condition;
  if (status === 'True') {
    // Operators built on Ansible set Running=True for as long as their playbook runs, with the outcome as reason.
    const stillRunning = type === 'Running' && reason === 'Running';
    return fromCondition(stillRunning ? 'progressing' : 'ready', condition, confidence);
  }
  if (status === 'Unknown') return fromCondition('progressing', condition, confidence);
  if (status !== 'False') return fromCondition('unknown', condition);
  // Controllers retry, so a reason that sounds bad is a likely failure, not a certain one.
  return meaningOf(reason) === 'failed'
    ? fromCondition('failed', condition, 'low')
    : fromCondition('progressing', condition, confidence);
}

function troubleSignal(condition: Condition): Readiness | undefined {
  if (condition.status === 'False') return fromCondition('ready', condition, 'low');
  if (condition.status !== 'True') return undefined;
  if (condition.type === 'Stalled') return fromCondition('failed', condition);
  const settling = condition.type.startsWith('Not') && meaningOf(condition.reason) === 'progressing';
  return fromCondition(settling ? 'progressing' : 'failed', condition, 'low');
}

const doneReason = /(?:Available|Completed?|Succeeded|AsExpected)$/;

/** `Progressing` follows the Deployment: True with a reason of completion means done, False may name a failure. */
function movementSignal(condition: Condition): Readiness | undefined {
  const meaning = meaningOf(condition.reason);
  switch (condition.status) {
    case 'True':
      return doneReason.test(condition.reason) ? undefined : fromCondition('progressing', condition);
    case 'False':
      return meaning === 'failed' ? fromCondition('failed', condition, 'low') : undefined;
    case 'Unknown':
      return fromCondition(meaning === 'suspended' ? 'suspended' : 'progressing', condition, 'low');
    default:
      return undefined;
  }
}

function fromCondition(status: Readiness['status'], condition: Condition, confidence?: 'high' | 'low'): Readiness {
  return verdict(status, describeCondition(condition), {
    reason: condition.reason,
    ...(confidence === undefined ? {} : { confidence }),
  });
}
