import { SlipwayError } from '../domain/errors.ts';
import type { Database } from './database/database.ts';
import { findConnection, readCredential } from './database/connections.ts';
import { type ClusterClient, createClusterClient } from './kubernetes/cluster-client.ts';

/** The cluster clients of a process, one for each connection, so that sockets, discovery and limits are shared. */
export type Clusters = {
  /** Throws SlipwayError `notFound`, and `invalid` for a credential that cannot be used. */
  readonly open: (connectionId: string) => Promise<ClusterClient>;
  readonly close: () => Promise<void>;
};

export function createClusters(database: Database): Clusters {
  const clients = new Map<string, ClusterClient>();
  return {
    async open(connectionId) {
      const connection = await findConnection(database, connectionId);
      if (connection === undefined) throw new SlipwayError('notFound', `there is no connection ${connectionId}`);
      const known = clients.get(connection.id);
      if (known !== undefined) return known;
      const client = createClusterClient({ kubeconfig: await readCredential(database, connection.id) });
      clients.set(connection.id, client);
      return client;
    },
    async close() {
      await Promise.all([...clients.values()].map((client) => client.close()));
      clients.clear();
    },
  };
}
