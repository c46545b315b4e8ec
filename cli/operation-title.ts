import { connectionSchema } from '../domain/connection.ts';
import { deploymentSchema } from '../domain/deployment.ts';
import { SlipwayError } from '../domain/errors.ts';
import type { Operation } from '../domain/operation.ts';
import { apiPath } from './client.ts';
import type { Client } from './client.ts';

/** What an operation works on, by name: `shop → prod`, or the connection; the id of what is gone since. */
export async function titleOf(client: Client, { deploymentId, connectionId }: Operation): Promise<string> {
  if (deploymentId !== null) return (await deploymentTitle(client, deploymentId)) ?? deploymentId;
  if (connectionId !== null) return (await connectionTitle(client, connectionId)) ?? connectionId;
  return '';
}

/** `shop → prod`. */
async function deploymentTitle(client: Client, id: string): Promise<string | undefined> {
  const found = await orGone(client.get({ schema: deploymentSchema, path: apiPath('deployments', id) }));
  return found && `${found.designName} → ${found.connectionName}`;
}

async function connectionTitle(client: Client, id: string): Promise<string | undefined> {
  return (await orGone(client.get({ schema: connectionSchema, path: apiPath('connections', id) })))?.name;
}

async function orGone<T>(found: Promise<T>): Promise<T | undefined> {
  try {
    return await found;
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'notFound') return undefined;
    throw error;
  }
}
