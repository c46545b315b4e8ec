import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { Design } from '../../../domain/design.ts';
import type { KubernetesObject } from '../../../domain/kubernetes-object.ts';
import type { Connection } from '../../../domain/connection.ts';
import type { Deployment } from '../../../domain/deployment.ts';
import { createConnection } from '../../../infra/database/connections.ts';
import { type Database, openDatabase } from '../../../infra/database/database.ts';
import { ensureDeployment } from '../../../infra/database/deployments.ts';
import { createDesign, type StoredDesign } from '../../../infra/database/designs.ts';
import { createVault, type Vault } from '../../../infra/secrets/vault.ts';

/** The master key of processes that share a database in a test. */
export const sharedKey = Buffer.alloc(32, 7);

/** A folder that is gone after the test. */
export async function temporaryFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-database-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** A database of the test's own, in memory unless an address is given. */
export async function testDatabase({
  url = ':memory:',
  authToken,
  vault = createVault([sharedKey]),
}: { url?: string; authToken?: string; vault?: Vault } = {}): Promise<Database> {
  const database = await openDatabase({ url, authToken, vault });
  onTestFinished(() => database.close());
  return database;
}

export function configMap(name: string, data: Record<string, string> = {}): KubernetesObject {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, namespace: 'shop' }, data };
}

export function designOf(...names: readonly string[]): Design {
  return {
    name: 'shop',
    components: names.map((name) => ({ name, adapter: 'kubernetes', dependsOn: [], object: configMap(name) })),
  };
}

export function storeDesign(database: Database, name = uniqueName('design')): Promise<StoredDesign> {
  const design = designOf('web');
  return createDesign(database, { name, format: 'slipway', source: 'name: shop', design, findings: [], actor: 'ann' });
}

export function storeConnection(database: Database, name = uniqueName('cluster')): Promise<Connection> {
  return createConnection(database, { name, server: 'https://127.0.0.1:6443', credential: 'token' });
}

export async function storeDeployment(database: Database): Promise<Deployment> {
  const design = await storeDesign(database);
  const connection = await storeConnection(database);
  return ensureDeployment(database, { designId: design.id, connectionId: connection.id });
}

export function uniqueName(prefix: string): string {
  return `${prefix}-${randomBytes(4).toString('hex')}`;
}
