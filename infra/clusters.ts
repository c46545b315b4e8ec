import { requireCluster } from '../domain/connection.ts';
import { SlipwayError } from '../domain/errors.ts';
import type { Database } from './database/database.ts';
import { findConnection, readCredential } from './database/connections.ts';
import { type ClusterClient, createClusterClient } from './kubernetes/cluster-client.ts';

/** The cluster clients of a process, one for each connection, so that sockets, discovery and limits are shared. */
export type Clusters = {
  /** Throws SlipwayError `notFound`, and `invalid` for no cluster or a credential that cannot be used. */
  readonly open: (connectionId: string) => Promise<ClusterClient>;
  readonly close: () => Promise<void>;
};

type Opened = { readonly kubeconfig: string; readonly client: ClusterClient };

export function createClusters(database: Database): Clusters {
  const clients = new Map<string, Opened>();
  return {
    async open(connectionId) {
      const connection = await findConnection(database, connectionId);
      if (connection === undefined) throw new SlipwayError('notFound', `there is no connection ${connectionId}`);
      requireCluster(connection);
      const kubeconfig = await readCredential(database, connection.id);
      const known = clients.get(connection.id);
      if (known?.kubeconfig === kubeconfig) return known.client;
      // Who works with the client of the credential before goes on with it; its sockets close once they are idle.
      const client = createClusterClient({ kubeconfig });
      clients.set(connection.id, { kubeconfig, client });
      return client;
    },
    async close() {
      await Promise.all([...clients.values()].map(({ client }) => client.close()));
      clients.clear();
    },
  };
}
