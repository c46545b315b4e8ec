import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import type { Vault } from '../secrets/vault.ts';
import { createPayloadCodec } from './payload-codec.ts';

export type TemporalConfig = {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string | undefined;
  readonly tls?: TemporalTls | undefined;
};

/** Paths of PEM files; all absent means TLS with the system's certificates. */
export type TemporalTls = {
  readonly serverName?: string | undefined;
  readonly serverCaCertPath?: string | undefined;
  readonly clientCertPath?: string | undefined;
  readonly clientKeyPath?: string | undefined;
};

export type TemporalClient = { readonly client: Client; readonly close: () => Promise<void> };

/** How payloads and failure messages travel: encrypted, the messages and stacks of failures too. */
export function createDataConverter(vault: Vault): DataConverter {
  return {
    payloadCodecs: [createPayloadCodec(vault)],
    failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
  };
}

/** The connection options that both the client and the worker's native connection take. */
export async function temporalConnectionOptions(config: TemporalConfig) {
  return {
    address: config.address,
    ...(config.tls === undefined && config.apiKey === undefined ? {} : { tls: await readTls(config.tls ?? {}) }),
    ...(config.apiKey === undefined ? {} : { apiKey: config.apiKey }),
  };
}

/** A client that connects on first use, so that the API can start before Temporal does. */
export async function createTemporalClient(config: TemporalConfig, vault: Vault): Promise<TemporalClient> {
  const connection = Connection.lazy(await temporalConnectionOptions(config));
  const client = new Client({ connection, namespace: config.namespace, dataConverter: createDataConverter(vault) });
  return { client, close: () => connection.close() };
}

async function readTls(tls: TemporalTls) {
  const [serverRootCACertificate, crt, key] = await Promise.all([
    readOptional(tls.serverCaCertPath),
    readOptional(tls.clientCertPath),
    readOptional(tls.clientKeyPath),
  ]);
  return {
    ...(tls.serverName === undefined ? {} : { serverNameOverride: tls.serverName }),
    ...(serverRootCACertificate === undefined ? {} : { serverRootCACertificate }),
    ...(crt === undefined || key === undefined ? {} : { clientCertPair: { crt, key } }),
  };
}

async function readOptional(path: string | undefined): Promise<Buffer | undefined> {
  return path === undefined ? undefined : readFile(path);
}
