type Field = {
  readonly name: string;
  readonly lowest: number;
  readonly highest: number;
  /** Names that stand for the numbers from `lowest`. */
  readonly words?: readonly string[];
};

const second: Field = { name: 'second', lowest: 0, highest: 59 };
const year: Field = { name: 'year', lowest: 2000, highest: 2100 };
const usualFields: readonly Field[] = [
  { name: 'minute', lowest: 0, highest: 59 },
  { name: 'hour', lowest: 0, highest: 23 },
  { name: 'day of month', lowest: 1, highest: 31 },
  {
    name: 'month',
    lowest: 1,
    highest: 12,
    words: ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec'],
  },
  { name: 'day of week', lowest: 0, highest: 7, words: ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat'] },
];
const shorthands = ['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'];

/**
 * Why a text is no cron expression as Temporal reads them, or undefined for one that is: five fields, six with the year at the
 * end, seven with the second at the beginning too, or a shorthand. https://docs.temporal.io/schedule#spec
 */
export function cronProblem(text: string): string | undefined {
  const trimmed = text.trim().toLowerCase();
  if (trimmed.startsWith('@')) {
    return shorthands.includes(trimmed) ? undefined : `"${text}" is none of ${shorthands.join(', ')}`;
  }
  if (trimmed.includes('tz=')) return 'the time zone has a field of its own: timeZone';
  const parts = trimmed.split(/\s+/);
  const fields = fieldsFor(parts.length);
  if (fields === undefined) return `it has ${parts.length} fields, not 5 (minute hour day month weekday), 6 or 7`;
  return parts.map((part, index) => fieldProblem(part, fields[index])).find((problem) => problem !== undefined);
}

function fieldsFor(count: number): readonly Field[] | undefined {
  if (count === 5) return usualFields;
  if (count === 6) return [...usualFields, year];
  return count === 7 ? [second, ...usualFields, year] : undefined;
}

function fieldProblem(text: string, field: Field | undefined): string | undefined {
  if (field === undefined) return undefined;
  const bad = text.split(',').find((part) => !isRange(part, field));
  if (bad === undefined) return undefined;
  return `the ${field.name} "${bad}" is not *, a number from ${field.lowest} to ${field.highest}, a range or a step of them`;
}

/** `*`, `5`, `1-5`, each with a step such as `/2`. */
function isRange(part: string, field: Field): boolean {
  const [, range = '', step = '1'] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  if (Number(step) < 1) return false;
  if (range === '*') return true;
  const ends = range.split('-').map((text) => valueOf(text, field));
  if (ends.length > 2 || ends.includes(undefined)) return false;
  const [start = 0, end = start] = ends;
  return end >= start;
}

function valueOf(text: string, { lowest, highest, words }: Field): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) >= lowest && Number(text) <= highest ? Number(text) : undefined;
  const index = words?.indexOf(text) ?? -1;
  return index < 0 ? undefined : lowest + index;
}
