import { stringAt } from '../json.ts';
import type { DesignIndex } from './design-index.ts';
import type { PlannedObject } from './planned-object.ts';

/** The resource name of an object's kind: from its CRD where the design has it, else by the rule that the built-in kinds follow. */
export function pluralOf(index: DesignIndex, { group, kind }: PlannedObject): string {
  const definition = index.definitions.get(`${group}/${kind}`);
  return stringAt(definition?.object, 'spec', 'names', 'plural') ?? guessedPlural(kind.toLowerCase());
}

/** The guess of apimachinery's UnsafeGuessKindToResource. */
function guessedPlural(kind: string): string {
  if (kind === 'endpoints') return kind;
  if (kind.endsWith('s')) return `${kind}es`;
  return kind.endsWith('y') && !/[aeiou]y$/.test(kind) ? `${kind.slice(0, -1)}ies` : `${kind}s`;
}
