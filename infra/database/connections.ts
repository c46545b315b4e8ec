import { and, asc, desc, eq, exists, gt, inArray, notExists, or } from 'drizzle-orm';
import { z } from 'zod';
import {
  type Connection,
  type ConnectionKind,
  connectionSchema,
  type ConnectionStatus,
} from '../../domain/connection.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { type SourceConnection, sourceCredentialSchema } from '../../domain/source-connection.ts';
import { newId } from '../ids.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from './cursor.ts';
import type { Database } from './database.ts';
import { activeDeployments } from './deployments.ts';
import { isTaken } from './failures.ts';
import { connections, deployments } from './schema.ts';

export type NewConnection = {
  readonly name: string;
  /** Default: `kubernetes`. */
  readonly kind?: ConnectionKind;
  readonly server: string;
  /** What gets in: a kubeconfig of one context, or a source credential as JSON. Sealed in an envelope of its own. */
  readonly credential: string;
  readonly status?: ConnectionStatus;
};

/** The new connection. Throws SlipwayError `conflict` when the name is taken. */
export async function createConnection(
  database: Database,
  { name, kind = 'kubernetes', server, credential, status = 'registered' }: NewConnection,
): Promise<Connection> {
  const now = new Date().toISOString();
  const id = newId('con');
  const row = {
    id,
    name,
    kind,
    status,
    server,
    version: null,
    message: null,
    createdAt: now,
    updatedAt: now,
    sealedCredential: database.vault.sealInEnvelope(credential, credentialContext(id)),
  };
  try {
    await database.write((queries) => [queries.insert(connections).values(row)]);
  } catch (error) {
    if (!isTaken(error)) throw error;
    throw new SlipwayError('conflict', `a connection named ${name} exists already`, {
      cause: error,
      fix: 'Give another name, or delete the connection that exists.',
    });
  }
  return connectionSchema.parse(row);
}

/** The names of the first thousand connections, to find the one that was meant. */
export async function connectionNames(database: Database): Promise<readonly string[]> {
  const rows = await database.read((queries) =>
    queries.select({ name: connections.name }).from(connections).limit(1_000),
  );
  return rows.map(({ name }) => name);
}

/** The connection of that id or name, or undefined. */
export async function findConnection(database: Database, idOrName: string): Promise<Connection | undefined> {
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(connections)
      .where(or(eq(connections.id, idOrName), eq(connections.name, idOrName)))
      .orderBy(desc(eq(connections.id, idOrName)))
      .limit(1),
  );
  return rows.map((row) => connectionSchema.parse(row))[0];
}

export type ConnectionFilter = PageRequest & { readonly kinds?: readonly ConnectionKind[] | undefined };

/** Connections by name. */
export async function listConnections(database: Database, request: ConnectionFilter = {}): Promise<Page<Connection>> {
  const after = decodeCursor(request, z.string());
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries
      .select()
      .from(connections)
      .where(
        and(
          after === undefined ? undefined : gt(connections.name, after),
          request.kinds === undefined ? undefined : inArray(connections.kind, [...request.kinds]),
        ),
      )
      .orderBy(asc(connections.name))
      .limit(size + 1),
  );
  return toPage(rows, size, { item: (row) => connectionSchema.parse(row), key: (row) => row.name });
}

/** The credential as it was given. Throws SlipwayError `notFound`. */
export async function readCredential(database: Database, id: string): Promise<string> {
  const [row] = await database.read((queries) =>
    queries.select({ sealed: connections.sealedCredential }).from(connections).where(eq(connections.id, id)),
  );
  if (row === undefined) throw missing(id);
  return database.vault.openText(row.sealed, credentialContext(id));
}

/** A source with its credential, opened. Throws SlipwayError `notFound`, and `invalid` for a connection of another kind. */
export async function readSourceCredential(database: Database, idOrName: string): Promise<SourceConnection> {
  const connection = await findConnection(database, idOrName);
  if (connection === undefined) throw missing(idOrName);
  const { id, name, kind, server } = connection;
  if (kind === 'kubernetes') {
    throw new SlipwayError('invalid', `connection ${name} is a cluster, not a repository or registry`, {
      fix: 'Name a git, helm or oci connection: slipway connection list',
    });
  }
  return { kind, server, credential: sourceCredentialSchema.parse(JSON.parse(await readCredential(database, id))) };
}

/**
 * Replaces the credential, and the address where one is given: what a test found before counts no more. Throws SlipwayError
 * `notFound`.
 */
export async function replaceCredential(
  database: Database,
  { id, credential, server }: { readonly id: string; readonly credential: string; readonly server?: string },
): Promise<Connection> {
  const change = {
    sealedCredential: database.vault.sealInEnvelope(credential, credentialContext(id)),
    status: 'registered',
    message: null,
    updatedAt: new Date().toISOString(),
    ...(server === undefined ? {} : { server }),
  };
  const [[row]] = await database.write((queries) => [
    queries.update(connections).set(change).where(eq(connections.id, id)).returning(),
  ]);
  if (row === undefined) throw missing(id);
  return connectionSchema.parse(row);
}

/** Records what a test of the connection found. Throws SlipwayError `notFound`. */
export async function updateConnectionStatus(
  database: Database,
  {
    id,
    ...change
  }: {
    readonly id: string;
    readonly status: ConnectionStatus;
    readonly version?: string | null;
    readonly message?: string | null;
  },
): Promise<Connection> {
  const [[row]] = await database.write((queries) => [
    queries
      .update(connections)
      .set({ ...change, updatedAt: new Date().toISOString() })
      .where(eq(connections.id, id))
      .returning(),
  ]);
  if (row === undefined) throw missing(id);
  return connectionSchema.parse(row);
}

/** Deletes the connection with the records of its ended deployments. Throws SlipwayError `conflict` while it is used, `notFound`. */
export async function deleteConnection(database: Database, id: string): Promise<void> {
  const [, deleted] = await database.write((queries) => {
    const wanted = and(eq(connections.id, id), notExists(activeDeployments(queries, eq(deployments.connectionId, id))));
    const found = queries.select({ id: connections.id }).from(connections).where(wanted);
    return [
      queries.delete(deployments).where(and(eq(deployments.connectionId, id), exists(found))),
      queries.delete(connections).where(wanted).returning({ id: connections.id }),
    ];
  });
  if (deleted.length > 0) return;

  const [first, ...others] = await database.read((queries) =>
    activeDeployments(queries, eq(deployments.connectionId, id)),
  );
  if (first === undefined) throw missing(id);
  throw new SlipwayError('conflict', `connection ${id} is used by deployments`, {
    fix: 'Undeploy them first.',
    details: { deploymentId: first.id, deploymentCount: others.length + 1 },
  });
}

/** Seals every credential with the newest master key, without touching what is sealed with it already. */
export async function resealCredentials(database: Database): Promise<number> {
  const rows = await database.read((queries) =>
    queries.select({ id: connections.id, sealed: connections.sealedCredential }).from(connections),
  );
  const outdated = rows.filter(({ sealed }) => database.vault.isOutdated(sealed));
  for (const { id, sealed } of outdated) {
    const sealedCredential = database.vault.reseal(sealed, credentialContext(id));
    await database.write((queries) => [
      queries
        .update(connections)
        .set({ sealedCredential })
        .where(and(eq(connections.id, id), eq(connections.sealedCredential, sealed))),
    ]);
  }
  return outdated.length;
}

function credentialContext(id: string): string {
  return `connection/${id}/credential`;
}

function missing(id: string): SlipwayError {
  return new SlipwayError('notFound', `there is no connection ${id}`);
}
