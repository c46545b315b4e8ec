import { fileURLToPath } from 'node:url';
import { Client, Connection } from '@temporalio/client';
import type { DataConverter } from '@temporalio/common';
import { SlipwayError } from '../../domain/errors.ts';
import type { Vault } from '../secrets/vault.ts';
import { explainConnectionFailure } from './connection-failure.ts';
import { createPayloadCodec } from './payload-codec.ts';
import { readTls, type TemporalTls } from './tls-files.ts';

export type TemporalConfig = {
  readonly address: string;
  readonly namespace: string;
  readonly apiKey?: string | undefined;
  /** Absent means no encryption. */
  readonly tls?: TemporalTls | undefined;
};

export type TemporalClient = { readonly client: Client; readonly close: () => Promise<void> };

/** How long a server may take to answer before it counts as away. */
const checkMs = 5_000;

/** How payloads and failure messages travel: encrypted, the messages and stacks of failures too. */
export function createDataConverter(vault: Vault): DataConverter {
  return {
    payloadCodecs: [createPayloadCodec(vault)],
    failureConverterPath: fileURLToPath(new URL('./failure-converter.ts', import.meta.url)),
  };
}

/**
 * The connection options that both the client and the worker's native connection take. Throws SlipwayError `invalid` for a
 * file that is not what its variable says.
 */
export async function temporalConnectionOptions({ address, tls, apiKey }: TemporalConfig) {
  return {
    address,
    // Said outright: left out, an API key would turn it on.
    tls: tls === undefined ? false : await readTls(tls),
    ...(apiKey === undefined ? {} : { apiKey }),
  };
}

/**
 * A client that connects on first use, so that the API can start before Temporal does. Throws SlipwayError `invalid` where
 * a server answers that it will never do with this configuration.
 */
export async function createTemporalClient(config: TemporalConfig, vault: Vault): Promise<TemporalClient> {
  if (config.tls !== undefined || config.apiKey !== undefined) await refuseMisconfiguration(config);
  const connection = Connection.lazy(await temporalConnectionOptions(config));
  const client = new Client({ connection, namespace: config.namespace, dataConverter: createDataConverter(vault) });
  return { client, close: () => connection.close() };
}

/**
 * Asks the server for its version. Throws SlipwayError `invalid`, naming the variable to correct, where the configuration is
 * wrong for that server, and `unavailable` where none answers.
 */
export async function checkTemporal(config: TemporalConfig): Promise<void> {
  const options = await temporalConnectionOptions(config);
  // Without the usual interceptors a failure is told at once, not after many tries.
  const connection = Connection.lazy({ ...options, interceptors: [] });
  try {
    await connection.withDeadline(Date.now() + checkMs, () => connection.workflowService.getSystemInfo({}));
  } catch (error) {
    throw explainConnectionFailure(error, config);
  } finally {
    await connection.close();
  }
}

async function refuseMisconfiguration(config: TemporalConfig): Promise<void> {
  try {
    await checkTemporal(config);
  } catch (error) {
    if (!(error instanceof SlipwayError) || error.code !== 'unavailable') throw error;
  }
}
