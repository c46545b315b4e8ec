import { connectionSchema } from '../domain/connection.ts';
import type { Connection } from '../domain/connection.ts';
import { deploymentSchema } from '../domain/deployment.ts';
import type { Deployment } from '../domain/deployment.ts';
import { SlipwayError } from '../domain/errors.ts';
import { pageSchema } from './api-schemas.ts';
import { apiPath } from './client.ts';
import type { Client } from './client.ts';

/** The connection to use: the one that was named, else the only cluster there is. Throws `invalid` where that is not clear. */
export async function resolveConnection(client: Client, given: string | undefined): Promise<string> {
  if (given !== undefined) return given;
  const { items } = await client.get({
    schema: pageSchema(connectionSchema),
    path: apiPath('connections'),
    query: { kind: 'kubernetes' },
  });
  const [only] = items;
  if (only !== undefined && items.length === 1) return only.name;
  if (only !== undefined) throw ambiguous('connection', items.map(describeConnection), '-c NAME');
  throw new SlipwayError('invalid', 'there is no connection to deploy to', {
    fix: 'slipway connection add kubernetes --kubeconfig FILE',
  });
}

/** The deployment of this id, or of this design (on this connection). Throws `notFound`, or `invalid` for more than one. */
export async function resolveDeployment(
  client: Client,
  given: string,
  connection: string | undefined,
): Promise<Deployment> {
  if (given.startsWith('dep_')) return client.get({ schema: deploymentSchema, path: apiPath('deployments', given) });
  const { items } = await client.get({
    schema: pageSchema(deploymentSchema),
    path: apiPath('deployments'),
    query: { design: given, connection },
  });
  const [only] = items;
  if (only !== undefined && items.length === 1) return only;
  if (only !== undefined) throw ambiguous('deployment', items.map(describeDeployment), '-c CONNECTION, or the id');
  const where = connection === undefined ? '' : ` on ${connection}`;
  throw new SlipwayError('notFound', `"${given}" is not deployed${where}`, { fix: 'slipway deployment list' });
}

function ambiguous(noun: string, found: readonly string[], flag: string): SlipwayError {
  return new SlipwayError('invalid', `there are ${found.length} ${noun}s: ${found.join(', ')}`, {
    fix: `say which one by ${flag}`,
  });
}

function describeConnection({ name, id }: Connection): string {
  return `${name} (${id})`;
}

function describeDeployment({ designName, connectionName, id }: Deployment): string {
  return `${designName} on ${connectionName} (${id})`;
}
