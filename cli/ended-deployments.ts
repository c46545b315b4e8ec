import { deploymentSchema } from '../domain/deployment.ts';
import { apiPath } from './client.ts';
import type { Client } from './client.ts';
import { count } from './output/text.ts';
import { readPages } from './read-pages.ts';

const endedStates: ReadonlySet<string> = new Set(['new', 'undeployed']);

type Owner = { readonly connection: string } | { readonly design: string };

/**
 * What goes with a connection or a design that is deleted, as the end of a sentence: its deployments of which nothing is in a
 * cluster. Empty where there are none. Throws `notFound` for the owner.
 */
export async function describeEndedDeployments(client: Client, owner: Owner): Promise<string> {
  const { items, nextCursor } = await readPages(client, {
    item: deploymentSchema,
    path: apiPath('deployments'),
    query: owner,
  });
  const ended = items.filter(({ state, operationId }) => endedStates.has(state) && operationId === null);
  if (ended.length === 0) return '';
  const atLeast = nextCursor === null ? '' : 'at least ';
  return `, with the records of ${atLeast}${count(ended.length, 'undeployed deployment')}`;
}
