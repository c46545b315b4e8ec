import { isJsonObject, numberAt, type JsonObject } from '../json.ts';
import type { Subject } from './subject.ts';
import { verdict, type Readiness } from './verdict.ts';

type Tally = { readonly have: number; readonly want: number; readonly what: string };

type Pair = { readonly have: string; readonly want: string; readonly omittedAtZero?: true };

/** What was counted, and under which names the goal stands beside it. */
const fixedPairs: readonly Pair[] = [
  { have: 'ready', want: 'size' },
  { have: 'ready', want: 'desiredReady' },
  { have: 'availableNodes', want: 'expectedNodes', omittedAtZero: true },
  { have: 'numberAvailable', want: 'desiredNumberScheduled' },
  { have: 'numberReady', want: 'desiredNumberScheduled' },
  { have: 'updatedNumberScheduled', want: 'desiredNumberScheduled' },
  { have: 'succeeded', want: 'desired' },
];

/** `readyMembers` counts towards `members`, `updatedReadyReplicas` towards `replicas`. */
const countedPrefix = /^(?:updatedReady|updatedAvailable|ready|available|updated|healthy)([A-Z]\w*)$/;
/** The status is searched this deep: `status.racks.<rack>.readyMembers`. */
const maxDepth = 3;

/** The counters that have not reached their goal, as judgements; empty where all have, or nothing is counted. */
export function countSignals({ spec, status }: Subject): readonly Readiness[] {
  const wanted = numberAt(spec, 'replicas');
  const tallies = [...talliesIn(status, maxDepth), ...(wanted === undefined ? [] : specTallies(status, wanted))];
  return tallies
    .filter(({ have, want }) => have < want)
    .map(({ what, have, want }) =>
      verdict('progressing', `${what}: ${have} of ${want}`, { reason: 'RollingOut', confidence: 'low' }),
    );
}

function specTallies(status: JsonObject, want: number): readonly Tally[] {
  return Object.entries(status).flatMap(([field, have]) =>
    typeof have === 'number' && (field === 'replicas' || countedPrefix.exec(field)?.[1] === 'Replicas')
      ? [{ what: field, have, want }]
      : [],
  );
}

function talliesIn(holder: JsonObject, depth: number): readonly Tally[] {
  const here = [
    ...fixedPairs.flatMap((pair) => tally(holder, pair)),
    ...Object.entries(holder).flatMap(([field, value]) => fieldTallies(holder, field, value)),
  ];
  if (depth === 1) return here;
  const inner = Object.values(holder).flatMap((value) => (isJsonObject(value) ? talliesIn(value, depth - 1) : []));
  return [...here, ...inner];
}

function fieldTallies(holder: JsonObject, field: string, value: unknown): readonly Tally[] {
  if (typeof value === 'string') return fractionTally(field, value);
  const noun = countedPrefix.exec(field)?.[1];
  if (noun === undefined) return [];
  const goal = noun.charAt(0).toLowerCase() + noun.slice(1);
  return [goal, `desired${noun}`].flatMap((want) => tally(holder, { have: field, want }));
}

/** `statusReplicas: "1/3"`. */
function fractionTally(field: string, text: string): readonly Tally[] {
  const match = /^(\d+)\/(\d+)$/.exec(text);
  return match === null ? [] : [{ what: field, have: Number(match[1]), want: Number(match[2]) }];
}

function tally(holder: JsonObject, { have, want, omittedAtZero }: Pair): readonly Tally[] {
  const counted = numberAt(holder, have) ?? (omittedAtZero === true ? 0 : undefined);
  const goal = numberAt(holder, want);
  return counted === undefined || goal === undefined ? [] : [{ what: have, have: counted, want: goal }];
}
