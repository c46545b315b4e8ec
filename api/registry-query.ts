import { z } from '@hono/zod-openapi';
import { definitionStatuses, modelCategories, registrantKinds } from '../domain/registry/model.ts';
import { parseModelReference } from '../domain/registry/model.ts';
import type { ModelConditions } from '../infra/database/registry/model-filter.ts';
import { oneOrMore, pageQuery } from './schemas.ts';

/** Filters that lists of models, and of what models hold, share. */

const flag = z.enum(['true', 'false']).transform((value) => value === 'true');
const words = z.string().max(200).optional();

export const searchQuery = {
  ...pageQuery,
  q: words.openapi({ description: 'Beginnings of words; the best match first' }),
  status: oneOrMore(z.enum(definitionStatuses)),
  category: oneOrMore(z.enum(modelCategories)),
  registrant: oneOrMore(z.enum(registrantKinds)),
  address: z.string().max(2_000).optional().openapi({ description: 'Address of the registrant' }),
  operation: z.string().max(100).optional().openapi({ description: 'The run that brought it' }),
  latest: flag.optional().openapi({ description: 'Only of the version that a name alone means' }),
};

type SearchQuery = {
  readonly category?: ModelConditions['category'];
  readonly registrant?: ModelConditions['registrantKind'];
  readonly address?: string | undefined;
  readonly operation?: string | undefined;
  readonly latest?: boolean | undefined;
};

/** The conditions of a query on models. */
export function conditionsOf({ category, registrant, address, operation, latest }: SearchQuery): ModelConditions {
  return { category, registrantKind: registrant, registrantAddress: address, operationId: operation, latest };
}

/** The condition for what a model holds: an id, a name, or `name@version`. */
export function ofModel(reference: string | undefined): ModelConditions {
  if (reference === undefined) return {};
  if (reference.startsWith('mdl_')) return { modelId: reference };
  const { name, version } = parseModelReference(reference);
  return version === undefined ? { model: name, latest: true } : { model: name, version };
}
