import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { type ClusterClient, createClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import { startDevelopmentCluster } from '../../infra/runtime/development-cluster.ts';
import type { UnexpectedExit } from '../../infra/runtime/process.ts';
import { provision } from '../../infra/runtime/provision.ts';
import { openStateDirectory, type StateDirectory } from '../../infra/runtime/state-directory.ts';
import { startTemporalServer } from '../../infra/runtime/temporal-server.ts';
import { type Installation, startInstallation } from '../../test/installation/installation.ts';
import type { WatchedProcess } from './process-usage.ts';

/** Everything that a run of the benchmark needs, fresh and its own. */
export type Stack = {
  /** For files; goes with the stack. */
  readonly folder: string;
  readonly kubeconfig: string;
  /** A client of the benchmark's own. */
  readonly cluster: ClusterClient;
  readonly slipway: Installation;
  readonly temporal: Client;
  readonly processes: readonly WatchedProcess[];
  readonly stop: () => Promise<void>;
};

export const provisionOptions = { environment: process.env, onProgress: say };

/** Starts a development cluster, a Temporal server, the API and one worker, with more variables for both; stops all of it when one does not start. */
export async function startStack(environment: Readonly<Record<string, string>> = {}): Promise<Stack> {
  const stops: (() => Promise<void>)[] = [];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.toReversed()) {
      await stopOne();
    }
  };
  const keep = <T extends { readonly stop: () => Promise<void> }>(started: T): T => {
    stops.push(started.stop);
    return started;
  };
  try {
    const folder = await mkdtemp(join(tmpdir(), 'slipway-bench-'));
    stops.push(() => rm(folder, { recursive: true, force: true }));
    const state = await openStateDirectory(join(folder, 'state'));
    const server = keep(await startTemporal(state));
    const control = keep(await startCluster(state));
    const slipway = keep(await startInstallation({ temporal: server, cluster: control, environment }));
    const cluster = createClusterClient({ kubeconfig: await readFile(control.kubeconfig, 'utf8'), trusted: true });
    stops.push(cluster.close);
    const connection = await Connection.connect({ address: server.address });
    stops.push(() => connection.close());
    return {
      folder,
      kubeconfig: control.kubeconfig,
      cluster,
      slipway,
      temporal: new Client({ connection, namespace: server.namespace }),
      processes: [
        ...slipway.workers,
        slipway.apiProcess,
        server.process,
        ...Object.values(control.components),
        { name: 'benchmark', pid: () => process.pid },
      ],
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startTemporal(state: StateDirectory) {
  return startTemporalServer({ state, program: await provision('temporal', provisionOptions), onUnexpectedExit });
}

async function startCluster(state: StateDirectory) {
  const programs = {
    controlPlane: await provision('slipway-cluster', provisionOptions),
    kwok: await provision('kwok', provisionOptions),
  };
  return startDevelopmentCluster({ state, programs, onUnexpectedExit });
}

function onUnexpectedExit({ name, how, logFile }: UnexpectedExit): void {
  say(`${name} ${how} during the benchmark; see ${logFile}`);
}

/** Tells a person how far it is, beside the results on standard output. */
export function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
