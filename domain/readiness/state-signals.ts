import { isJsonObject, stringAt, valueAt } from '../json.ts';
import type { CuratedKind } from './curated.ts';
import type { Subject } from './subject.ts';
import { isTaskKind } from './task-kinds.ts';
import { verdict, type Readiness } from './verdict.ts';
import { meaningOf, type WordMeaning } from './words.ts';

/** Fields that sum the object up: a word nobody knows in them is no success. */
const summaryFields = new Set(['phase', 'state', 'status', 'health', 'compliant']);
const stateField = /(?:^|[a-z])(?:phase|state|status|health)$/i;
/** Not about now: what was, what shall be, or what another system does. */
const otherTimes = /^(?:last|previous|prev|desired|target|expected|old|power|next|initial)/i;
const stateList = /status(?:es)?$/i;
const readyField =
  /(?:^(?:ready|readyToUse|available|healthy|valid|synced|installed|provisioned|established|success|succeeded)|Ready)$/;
const errorFields = ['error', 'errorMessage', 'errorDescription', 'failureMessage', 'failureReason'] as const;

/** What the words, flags and error texts in the status say; one judgement for each field that says something. */
export function stateSignals(subject: Subject, curated: CuratedKind | undefined): readonly Readiness[] {
  return [
    ...Object.entries(subject.status).flatMap(([field, value]) => fieldSignals({ subject, field, value, curated })),
    ...errorSignals(subject),
  ];
}

type Field = {
  readonly subject: Subject;
  readonly field: string;
  readonly value: unknown;
  readonly curated: CuratedKind | undefined;
};

function fieldSignals(input: Field): readonly Readiness[] {
  const { field, value } = input;
  if (otherTimes.test(field)) return [];
  if (readyField.test(field)) return readySignals(field, value);
  if (typeof value === 'number') return numberedSignals(input);
  if (typeof value === 'string') return stateField.test(field) || summaryFields.has(field) ? wordSignals(input) : [];
  if (Array.isArray(value)) return stateList.test(field) ? value.flatMap((item) => itemSignals(input, item)) : [];
  return isJsonObject(value) ? nestedSignals(input) : [];
}

function readySignals(field: string, value: unknown): readonly Readiness[] {
  if (value === true || value === 'True') return [verdict('ready', `${field} is true`)];
  const denied = value === false || value === 'False';
  return denied ? [verdict('progressing', `${field} is false`, { reason: 'NotReady' })] : [];
}

function wordSignals({ subject, field, value }: Field): readonly Readiness[] {
  if (typeof value !== 'string') return [];
  const meaning = taskMeaning(subject, value) ?? meaningOf(value);
  const isSummary = summaryFields.has(field);
  if (meaning === undefined && !isSummary) return [];
  if (value === '') return [verdict('progressing', `The ${field} is empty`, { confidence: 'low' })];
  const message = stringAt(subject.status, 'message') ?? stringAt(subject.status, 'reason');
  const text = `${field} is ${value}${message === undefined || message === '' ? '' : `: ${message}`}`;
  return [verdict(meaning ?? 'unknown', text, { reason: value, confidence: 'low' })];
}

function taskMeaning({ object }: Subject, value: string): WordMeaning | undefined {
  return isTaskKind(stringAt(object, 'kind') ?? '') && /^(?:running|active|started)$/i.test(value)
    ? 'progressing'
    : undefined;
}

function numberedSignals({ field, value, curated }: Field): readonly Readiness[] {
  if (field !== 'state' || typeof value !== 'number') return [];
  const word = curated?.numberedStates?.[value];
  const status = word === undefined ? 'unknown' : (meaningOf(word) ?? 'unknown');
  return [
    verdict(status, `state is ${word ?? value}`, { reason: word, confidence: word === undefined ? 'low' : 'high' }),
  ];
}

/** One level down: `health.status`, `jobStatus.state`, and `statuses.<reporter>.state` where several report. */
function nestedSignals(input: Field): readonly Readiness[] {
  const { field, value } = input;
  if (!isJsonObject(value)) return [];
  if (field === 'statuses') return Object.values(value).flatMap((item) => summarySignals(input, item));
  return stateField.test(field) ? summarySignals(input, value) : [];
}

function summarySignals(input: Field, holder: unknown): readonly Readiness[] {
  return ['phase', 'state', 'status'].flatMap((field) => {
    const value = valueAt(holder, field);
    if (typeof value === 'number') return numberedSignals({ ...input, field, value });
    return typeof value === 'string' ? wordSignals({ ...input, field, value }) : [];
  });
}

/** Items of a list count where they are in trouble or on their way; an item that nobody knows of counts for nothing. */
function itemSignals(input: Field, item: unknown): readonly Readiness[] {
  const applied =
    valueAt(item, 'applied') === false ? [verdict('progressing', `${input.field}: not applied everywhere`)] : [];
  const words = ['phase', 'state', 'status', 'health', 'compliant'].flatMap((field) => {
    const value = valueAt(item, field);
    return typeof value === 'string' ? wordSignals({ ...input, field, value }) : [];
  });
  return [...applied, ...words.filter(({ status }) => status !== 'ready' && status !== 'unknown')];
}

function errorSignals({ status }: Subject): readonly Readiness[] {
  return errorFields.flatMap((field) => {
    const value = valueAt(status, field);
    const text = typeof value === 'string' ? value : stringAt(value, 'message');
    return text === undefined || text === '' ? [] : [verdict('failed', text, { reason: field, confidence: 'low' })];
  });
}
