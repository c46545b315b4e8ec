import { arrayAt, isJsonObject, numberAt, objectAt, stringAt, valueAt } from '../json.ts';

/** One entry of `status.conditions`, read without trust in its shape. */
export type Condition = {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
  readonly observedGeneration?: number;
};

/** The conditions under `status.conditions`; entries without a type or status are left out. */
export function conditionsOf(object: unknown): readonly Condition[] {
  return conditionsIn(valueAt(object, 'status'));
}

/** The conditions of any object that holds a `conditions` list, or, as some older kinds do, a map of them. */
export function conditionsIn(holder: unknown): readonly Condition[] {
  const entries = [...arrayAt(holder, 'conditions'), ...Object.values(objectAt(holder, 'conditions'))];
  return entries.flatMap((entry) => {
    const type = stringAt(entry, 'type');
    const status = stringAt(entry, 'status');
    if (!isJsonObject(entry) || type === undefined || status === undefined) return [];
    const observedGeneration = numberAt(entry, 'observedGeneration');
    return [
      {
        type,
        status,
        reason: stringAt(entry, 'reason') ?? '',
        message: stringAt(entry, 'message') ?? '',
        ...(observedGeneration === undefined ? {} : { observedGeneration }),
      },
    ];
  });
}

/** The first condition of a type. */
export function conditionOf(object: unknown, type: string): Condition | undefined {
  return conditionsOf(object).find((condition) => condition.type === type);
}

/** What a condition says, for people: its own message, else its type, status and reason. */
export function describeCondition(condition: Condition): string {
  const { type, status, reason, message } = condition;
  if (message !== '') return `${type} is ${status}: ${message}`;
  return reason === '' ? `${type} is ${status}` : `${type} is ${status} (${reason})`;
}
