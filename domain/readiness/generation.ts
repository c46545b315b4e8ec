import { numberAt, stringAt } from '../json.ts';

/** True where the controller of the object has not seen its latest change. */
export function isStale(object: unknown): boolean {
  const generation = numberAt(object, 'metadata', 'generation');
  const observed = observedGenerationOf(object);
  return generation !== undefined && observed !== undefined && observed < generation;
}

/** Some controllers write the number as text. */
function observedGenerationOf(object: unknown): number | undefined {
  const text = stringAt(object, 'status', 'observedGeneration');
  if (text === undefined) return numberAt(object, 'status', 'observedGeneration');
  return /^\d+$/.test(text) ? Number(text) : undefined;
}
