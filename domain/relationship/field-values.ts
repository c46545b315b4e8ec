import { canonicalJson, isJsonObject, type JsonObject, type JsonPath, type JsonValue } from '../json.ts';
import type { FieldPath } from '../registry/relationship-definition.ts';

/** A field path of a relationship as steps into the object: `_` stands for every item of a list. */
export type Field = {
  /** The same text for the same steps. */
  readonly id: string;
  readonly steps: readonly string[];
  readonly last: string;
};

/** One place of an object that a field path leads to; its value is undefined where only the object around it is there. */
export type Slot = {
  readonly path: JsonPath;
  readonly value: unknown;
  /** Which item each `_` stands for, by the steps that lead to it. */
  readonly items: ReadonlyMap<string, number>;
};

/** `configuration` is the body with its metadata, `displayName` the name, `component` the kind and the API version. */
export function fieldOf(path: FieldPath): Field {
  const steps = stepsOf(path);
  return { id: steps.join('\n'), steps, last: steps.at(-1) ?? '' };
}

function stepsOf([first = '', ...rest]: FieldPath): readonly string[] {
  if (first === 'displayName') return ['metadata', 'name'];
  if (first === 'component') return [rest[0] === 'version' ? 'apiVersion' : 'kind'];
  return first === 'configuration' ? rest : [first, ...rest];
}

/** The places of an object that a field leads to. */
export function slotsAt(object: JsonObject, { steps }: Field): readonly Slot[] {
  const start: readonly Slot[] = [{ path: [], value: object, items: new Map() }];
  return steps.reduce<readonly Slot[]>(
    (slots, step, position) =>
      slots.flatMap((slot) => (step === '_' ? itemsOf(slot, steps.slice(0, position)) : memberOf(slot, step))),
    start,
  );
}

function itemsOf({ path, value, items }: Slot, before: readonly string[]): readonly Slot[] {
  if (!Array.isArray(value)) return [];
  const id = before.join('\n');
  return value.map((item: unknown, index) => ({
    path: [...path, index],
    value: item,
    items: new Map([...items, [id, index]]),
  }));
}

function memberOf({ path, value, items }: Slot, step: string): readonly Slot[] {
  if (Array.isArray(value)) {
    const index = /^\d+$/.test(step) ? Number(step) : value.length;
    return index < value.length ? [{ path: [...path, index], value: value[index], items }] : [];
  }
  if (!isJsonObject(value)) return [];
  return [{ path: [...path, step], value: Object.hasOwn(value, step) ? value[step] : undefined, items }];
}

/** Whether a declaration says nothing there. */
export function isEmptyValue(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return isJsonObject(value) && Object.keys(value).length === 0;
}

/** What a value can be found by: a text for a scalar or a list, `name=value` for each entry of a map. */
export function keysOf(value: unknown): readonly string[] {
  if (isEmptyValue(value)) return [];
  if (!isJsonObject(value)) return [textOf(value)];
  return Object.entries(value).map(([name, inner]) => `${name}=${textOf(inner)}`);
}

/** Ports and the like are written as numbers and as texts. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : canonicalJson(value);
}

/** Whether every entry, or the value, of `part` is that of `whole`. Empty values agree with nothing. */
export function isContained(part: unknown, whole: unknown): boolean {
  const keys = keysOf(part);
  if (keys.length === 0 || isJsonObject(part) !== isJsonObject(whole)) return false;
  const found = new Set(keysOf(whole));
  return keys.every((key) => found.has(key));
}

/** The object with another value at a path whose surroundings are there. */
export function withValueAt<Value>(value: Value, path: JsonPath, replacement: JsonValue): Value;
export function withValueAt(value: unknown, [step, ...rest]: JsonPath, replacement: JsonValue): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item: unknown, index) => (index === step ? withValueAt(item, rest, replacement) : item));
  if (!isJsonObject(value)) return value;
  return { ...value, [step]: withValueAt(value[step], rest, replacement) };
}
