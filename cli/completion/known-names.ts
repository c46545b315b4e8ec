import type { z } from 'zod';
import { connectionSchema } from '../../domain/connection.ts';
import { deploymentSchema } from '../../domain/deployment.ts';
import type { Deployment } from '../../domain/deployment.ts';
import { operationSchema } from '../../domain/operation.ts';
import { designSummarySchema, pageSchema } from '../api-schemas.ts';
import { apiPath, Client } from '../client.ts';
import { findServer } from '../server-address.ts';
import type { ServerFlags } from '../server-address.ts';
import type { Shell } from '../shell.ts';

export type KnownName = { readonly value: string; readonly description: string };

/** A shell that waits for a word must not wait longer. */
const patienceMs = 1_000;
const maximumNames = 200;

type Source = (client: Client) => Promise<readonly KnownName[]>;

/** Where the values of an argument or flag come from, by its name. */
const sources: ReadonlyMap<string, Source> = new Map([
  [
    'design',
    source('designs', designSummarySchema, (items) =>
      items.map(({ name, revision }) => named(name, `revision ${revision}`)),
    ),
  ],
  [
    'connection',
    source('connections', connectionSchema, (items) =>
      items.map(({ name, kind, status }) => named(name, `${kind}, ${status}`)),
    ),
  ],
  ['deployment', source('deployments', deploymentSchema, deploymentNames)],
  [
    'operation',
    source('operations', operationSchema, (items) =>
      items.map(({ id, kind, state }) => named(id, `${kind}, ${state}`)),
    ),
  ],
]);

/** Whether the server knows names for such an argument or flag. */
export function hasKnownNames(word: string): boolean {
  return sources.has(word);
}

/** What the server has of such things now; nothing where it cannot be asked at once. */
export async function readKnownNames(shell: Shell, word: string, flags: ServerFlags): Promise<readonly KnownName[]> {
  const signal = AbortSignal.any([shell.interrupted, AbortSignal.timeout(patienceMs)]);
  try {
    const client = new Client(await findServer(shell, flags), signal);
    return (await sources.get(word)?.(client)) ?? [];
  } catch {
    return [];
  }
}

function source<Item extends z.ZodType>(
  noun: string,
  item: Item,
  namesOf: (items: readonly z.infer<Item>[]) => readonly KnownName[],
): Source {
  return async (client) => {
    const page = { schema: pageSchema(item), path: apiPath(noun), query: { limit: maximumNames } };
    return namesOf((await client.get(page)).items);
  };
}

/** A deployment goes by the name of its design where that is deployed once. */
function deploymentNames(items: readonly Deployment[]): readonly KnownName[] {
  const byDesign = Map.groupBy(items, ({ designName }) => designName);
  return items.map(({ id, designName, connectionName, state }) =>
    byDesign.get(designName)?.length === 1
      ? named(designName, `on ${connectionName}, ${state}`)
      : named(id, `${designName} on ${connectionName}, ${state}`),
  );
}

function named(value: string, description: string): KnownName {
  return { value, description };
}
