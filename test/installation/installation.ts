import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type ClusterClient, createClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import { serviceNodeArguments } from '../../infra/runtime/node-arguments.ts';
import { cacheFolder } from '../../infra/runtime/provision/program-cache.ts';
import { openPortBook } from '../../infra/runtime/ports.ts';
import { type SupervisedProcess, superviseProcess, type UnexpectedExit } from '../../infra/runtime/process.ts';
import { createApiClient, type ApiClient } from './api-client.ts';

export type InstallationOptions = {
  readonly temporal: { readonly address: string; readonly namespace: string };
  readonly cluster: { readonly kubeconfig: string };
  readonly workerCount?: number;
  /** More variables for its processes. */
  readonly environment?: Readonly<Record<string, string>>;
  /** More variables for its workers, which are then as on another machine. */
  readonly workerEnvironment?: Readonly<Record<string, string>>;
};

/** A whole Slipway as its users have it: an API and workers as processes, on a real Temporal server and cluster. */
export type Installation = {
  readonly api: ApiClient;
  readonly apiProcess: SupervisedProcess;
  readonly workers: readonly SupervisedProcess[];
  /** The cluster, to look at what Slipway did and to get in its way. */
  readonly cluster: ClusterClient;
  /** Name of the connection to the cluster. */
  readonly connection: string;
  /** Where it keeps what it owns. */
  readonly home: string;
  /** Processes that ended without `stop` and `kill`, in this order. */
  readonly exits: readonly UnexpectedExit[];
  readonly stop: () => Promise<void>;
};

const root = join(import.meta.dirname, '../..');

/** The same in every test, so that the payloads of recorded histories can be opened. */
export const testMasterKey = Buffer.alloc(32, 'slipway').toString('base64');

/** Starts it with an empty home, and registers the cluster as a connection. */
export async function startInstallation(options: InstallationOptions): Promise<Installation> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-installation-'));
  const port = await (await openPortBook(join(home, 'ports.json'))).claim('api');
  const environment = environmentOf(options, { home, port });
  const exits: UnexpectedExit[] = [];
  const apiProcess = supervise('api', environment, () => isHealthy(port));
  const workers = Array.from({ length: options.workerCount ?? 1 }, (_, index) =>
    supervise(`worker-${index + 1}`, { ...environment, ...options.workerEnvironment }, saysWorking),
  );
  const kubeconfig = await readFile(options.cluster.kubeconfig, 'utf8');
  const cluster = createClusterClient({ kubeconfig, trusted: true });
  const stop = async (): Promise<void> => {
    await Promise.all([apiProcess, ...workers].map((process) => process.stop()));
    await cluster.close();
    await rm(home, { recursive: true, force: true });
  };
  try {
    await apiProcess.start();
    await Promise.all(workers.map((worker) => worker.start()));
    const token = (await readFile(join(home, 'token'), 'utf8')).trim();
    const api = createApiClient(`http://127.0.0.1:${port}`, token);
    await api.post('/v1/connections', { name: 'cluster', kubeconfig });
    return { api, apiProcess, workers, cluster, connection: 'cluster', home, exits, stop };
  } catch (error) {
    await stop();
    throw error;
  }

  function supervise(
    name: string,
    variables: Record<string, string>,
    isReady: (process: SupervisedProcess) => Promise<boolean>,
  ): SupervisedProcess {
    const supervised = superviseProcess({
      name,
      command: process.execPath,
      args: [...serviceNodeArguments, join(root, name === 'api' ? 'api' : 'worker', 'main.ts')],
      environment: variables,
      folder: root,
      logFile: join(home, `${name}.log`),
      isReady: () => isReady(supervised),
      readyMs: 120_000,
      graceMs: 30_000,
      onUnexpectedExit: (exit) => exits.push(exit),
    });
    return supervised;
  }
}

function environmentOf(
  { temporal, environment = {} }: InstallationOptions,
  { home, port }: { readonly home: string; readonly port: number },
): Record<string, string> {
  return {
    PATH: process.env['PATH'] ?? '',
    HOME: home,
    SLIPWAY_HOME: home,
    SLIPWAY_PORT: String(port),
    SLIPWAY_LOG_LEVEL: 'info',
    // Programs such as helm are those that the test run has provided.
    SLIPWAY_CACHE: cacheFolder(process.env),
    SLIPWAY_MASTER_KEY: testMasterKey,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    ...environment,
  };
}

async function isHealthy(port: number): Promise<boolean> {
  return (await fetch(`http://127.0.0.1:${port}/healthz`)).ok;
}

/** What an earlier process wrote into the same log does not count. */
async function saysWorking({ logFile, pid }: SupervisedProcess): Promise<boolean> {
  const lines = (await readFile(logFile, 'utf8')).trimEnd().split('\n');
  return lines.some((line) => line.includes('"msg":"working"') && line.includes(`"pid":${pid()}`));
}
