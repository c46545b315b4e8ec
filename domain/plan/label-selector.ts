import { arrayAt, objectAt, stringAt } from '../json.ts';

export type Labels = Readonly<Record<string, string>>;

/** Whether a Kubernetes label selector (`matchLabels`, `matchExpressions`) takes these labels; an empty one takes all. */
export function selectorMatches(selector: unknown, labels: Labels): boolean {
  return (
    labelsMatch(objectAt(selector, 'matchLabels'), labels) &&
    arrayAt(selector, 'matchExpressions').every((expression) => expressionMatches(expression, labels))
  );
}

/** Whether `labels` holds every pair of `wanted`. */
export function labelsMatch(wanted: Readonly<Record<string, unknown>>, labels: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function expressionMatches(expression: unknown, labels: Labels): boolean {
  const value = labels[stringAt(expression, 'key') ?? ''];
  const values = arrayAt(expression, 'values');
  switch (stringAt(expression, 'operator')) {
    case 'In':
      return value !== undefined && values.includes(value);
    case 'NotIn':
      return value === undefined || !values.includes(value);
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}

/** Whether a selector, or the lack of one, takes everything. */
export function isEmptySelector(selector: unknown): boolean {
  return (
    Object.keys(objectAt(selector, 'matchLabels')).length === 0 && arrayAt(selector, 'matchExpressions').length === 0
  );
}
