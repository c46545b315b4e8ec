import { z } from 'zod';

/**
 * How sure it is which definition a declaration means. `declared`: the design names its model and version; `latest`: it names
 * the model only, or a version that is not there, and this is the newest; `matched`: it names no model, and only one defines
 * the kind; `ambiguous`: several do, and this is the first.
 */
export const definitionLinks = ['declared', 'latest', 'matched', 'ambiguous'] as const;
export const definitionLinkSchema = z.enum(definitionLinks);

export type DefinitionLink = (typeof definitionLinks)[number];

/** A definition of the wanted kind, by its model. */
export type Candidate = { readonly model: { readonly name: string; readonly version: string } };

export type ChosenDefinition<T extends Candidate> = {
  readonly link: DefinitionLink;
  readonly definition: T;
  /** Definitions of the kind in other models. */
  readonly others: readonly T[];
};

/**
 * The definition that a declaration means, out of all of its kind, best first; undefined where there is none, or none of
 * the model that the declaration names.
 */
export function chooseDefinition<T extends Candidate>(
  declared: { readonly name: string; readonly version?: string | undefined } | undefined,
  candidates: readonly T[],
): ChosenDefinition<T> | undefined {
  const ofModel = candidates.filter(({ model }) => declared === undefined || model.name === declared.name);
  const exact = ofModel.find(({ model }) => declared !== undefined && model.version === declared.version);
  const definition = exact ?? ofModel[0];
  if (definition === undefined) return undefined;
  const others = firstOfEachModel(candidates.filter(({ model }) => model.name !== definition.model.name));
  if (declared !== undefined) return { link: exact === undefined ? 'latest' : 'declared', definition, others };
  return { link: others.length === 0 ? 'matched' : 'ambiguous', definition, others };
}

function firstOfEachModel<T extends Candidate>(candidates: readonly T[]): readonly T[] {
  const firsts = new Map<string, T>();
  for (const candidate of candidates) {
    if (!firsts.has(candidate.model.name)) firsts.set(candidate.model.name, candidate);
  }
  return [...firsts.values()];
}
