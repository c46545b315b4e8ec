import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectionSchema } from '../../domain/connection.ts';
import type { Connection } from '../../domain/connection.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { flattenKubeconfig } from '../../infra/kubernetes/kubeconfig.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { apiPath, Client } from '../client.ts';
import { slipwayHome } from '../server-address.ts';
import type { Shell } from '../shell.ts';
import type { ClusterAccess } from './stack.ts';

/** A client of the local API with its own token. */
export async function openLocalClient(shell: Shell, server: string): Promise<Client> {
  const token = shell.env['SLIPWAY_TOKEN'] || (await readFile(join(slipwayHome(shell.env), 'token'), 'utf8')).trim();
  return new Client({ server, token }, shell.interrupted);
}

/** The connection to a cluster, registered when it is new. Throws `conflict` when another cluster has its name. */
export async function ensureConnection(client: Client, access: ClusterAccess): Promise<Connection> {
  const flat = flattenKubeconfig(await readFile(access.kubeconfig, 'utf8'), {
    trusted: true,
    ...(access.context === undefined ? {} : { context: access.context }),
  });
  const known = await findConnection(client, access.connection);
  if (known?.server === flat.server) return known;
  if (known !== undefined) await forget(client, known, flat.server);
  return client.post({
    schema: connectionSchema,
    path: apiPath('connections'),
    json: { name: access.connection, kubeconfig: flat.text, context: flat.context },
  });
}

async function findConnection(client: Client, name: string): Promise<Connection | undefined> {
  try {
    return await client.get({ schema: connectionSchema, path: apiPath('connections', name) });
  } catch (error) {
    if (error instanceof SlipwayError && error.code === 'notFound') return undefined;
    throw error;
  }
}

/** A connection of this name to another address goes, unless something is deployed there. */
async function forget(client: Client, known: Connection, server: string): Promise<void> {
  try {
    await client.delete({ schema: ignoredSchema, path: apiPath('connections', known.id) });
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'conflict') throw error;
    throw new SlipwayError('conflict', `connection ${known.name} is ${known.server}, with deployments; not ${server}`, {
      cause: error,
      fix: `free the port of ${known.server}, or undeploy what is there, then start again`,
    });
  }
}
