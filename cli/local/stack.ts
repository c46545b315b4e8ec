import { join } from 'node:path';
import { findClusterProblem } from '../../infra/runtime/cluster-check.ts';
import { startDevelopmentCluster } from '../../infra/runtime/development-cluster.ts';
import { isPortFree, openPortBook } from '../../infra/runtime/ports.ts';
import { serviceNodeArguments } from '../../infra/runtime/node-arguments.ts';
import { superviseProcess } from '../../infra/runtime/process.ts';
import type { SupervisedProcess } from '../../infra/runtime/process.ts';
import { provision } from '../../infra/runtime/provision.ts';
import { lockStateDirectory } from '../../infra/runtime/state-directory.ts';
import type { StateDirectory } from '../../infra/runtime/state-directory.ts';
import { findTemporalProblem } from '../../infra/runtime/temporal-check.ts';
import { startTemporalServer } from '../../infra/runtime/temporal-server.ts';
import type { Shell } from '../shell.ts';
import { Keeper } from './keep-running.ts';
import { removeRunning, writeRunning } from './running.ts';
import type { Running } from './running.ts';
import type { StepReporter, StepResult } from './step-reporter.ts';

const usualPort = 4780;
const readyMs = 60_000;
const graceMs = 15_000;
const probeMs = 2000;
const root = join(import.meta.dirname, '..', '..');

export type StackOptions = {
  readonly shell: Shell;
  readonly reporter: StepReporter;
  readonly state: StateDirectory;
  /** A cluster to use instead of the development cluster. */
  readonly cluster?: ClusterAccess;
};

/** A cluster as the connection that it becomes. */
export type ClusterAccess = { readonly connection: string; readonly kubeconfig: string; readonly context?: string };

export type Stack = {
  readonly running: Running;
  readonly cluster: ClusterAccess;
  /** Rejects when a part could not be kept running. */
  readonly failed: Promise<never>;
  readonly stop: () => Promise<void>;
};

type Temporal = { readonly address: string; readonly uiUrl: string | null; readonly environment: Shell['env'] };

/** Brings up Temporal, cluster, API and worker, each replaced by what the environment or a flag names. Stops all if one fails. */
export async function startStack(options: StackOptions): Promise<Stack> {
  const starter = new StackStarter(options);
  try {
    return await starter.start();
  } catch (error) {
    await starter.stop();
    throw error;
  }
}

class StackStarter {
  readonly #options: StackOptions;
  readonly #stopping = new AbortController();
  readonly #keeper: Keeper;
  readonly #stops: (() => Promise<void>)[] = [];

  constructor(options: StackOptions) {
    this.#options = options;
    this.#keeper = new Keeper({ say: (line) => options.reporter.say(line), stopping: this.#stopping.signal });
  }

  async start(): Promise<Stack> {
    const { shell, state } = this.#options;
    const lock = await lockStateDirectory(state, 'starting');
    this.#stops.push(lock.release);
    const given = await this.#givenCluster();
    const temporal = await this.#step('Temporal', (progress) => this.#startTemporal(progress));
    const cluster = given ?? (await this.#step('Kubernetes', (progress) => this.#startCluster(progress)));
    const server = await this.#step('API', () => this.#startApi(temporal));
    await this.#step('Worker', () => this.#startWorker(temporal));
    const running = {
      pid: process.pid,
      startedAt: new Date().toISOString(),
      server,
      temporal: temporal.address,
      temporalUi: temporal.uiUrl,
      connection: cluster.connection,
      kubeconfig: cluster.kubeconfig,
      simulated: this.#options.cluster === undefined,
    };
    await writeRunning(shell.env, running);
    this.#stops.push(() => removeRunning(shell.env));
    await lock.note(server);
    return { running, cluster, failed: this.#keeper.failed, stop: () => this.stop() };
  }

  /** Stops what was started, last first. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    for (const stop of this.#stops.splice(0).toReversed()) await stop();
  }

  #step<T>(title: string, work: (onProgress: (line: string) => void) => Promise<StepResult<T>>): Promise<T> {
    const { reporter, shell } = this.#options;
    return reporter.step(title, async (onProgress) => untilInterrupted(shell.interrupted, work(onProgress)));
  }

  #provision(name: Parameters<typeof provision>[0], onProgress: (line: string) => void): Promise<string> {
    const { env, interrupted } = this.#options.shell;
    return provision(name, { environment: env, onProgress, signal: interrupted });
  }

  async #startTemporal(onProgress: (line: string) => void): Promise<StepResult<Temporal>> {
    const { state, shell } = this.#options;
    const given = shell.env['TEMPORAL_ADDRESS'];
    if (given) {
      const problem = await findTemporalProblem(shell.env);
      if (problem !== undefined) throw problem;
      return { value: { address: given, uiUrl: null, environment: {} }, summary: `${given} (TEMPORAL_ADDRESS)` };
    }
    const program = await this.#provision('temporal', onProgress);
    const temporal = await startTemporalServer({ state, program, onUnexpectedExit: this.#keeper.onUnexpectedExit });
    this.#stops.push(temporal.stop);
    this.#keeper.keep(temporal.process.name, () => temporal.process);
    const environment = embeddedTemporal(temporal.address, temporal.namespace);
    return { value: { address: temporal.address, uiUrl: temporal.uiUrl, environment }, summary: temporal.address };
  }

  /** A cluster that was named is asked before anything starts for it. */
  async #givenCluster(): Promise<ClusterAccess | undefined> {
    const { cluster } = this.#options;
    if (cluster === undefined) return undefined;
    return this.#step('Kubernetes', async () => {
      const problem = await findClusterProblem(cluster);
      if (problem !== undefined) throw problem;
      return { value: cluster, summary: `${cluster.connection} (${cluster.kubeconfig})` };
    });
  }

  async #startCluster(onProgress: (line: string) => void): Promise<StepResult<ClusterAccess>> {
    const { state } = this.#options;
    const programs = {
      controlPlane: await this.#provision('slipway-cluster', onProgress),
      kwok: await this.#provision('kwok', onProgress),
    };
    const onUnexpectedExit = this.#keeper.onUnexpectedExit;
    const cluster = await startDevelopmentCluster({ state, programs, onUnexpectedExit });
    this.#stops.push(cluster.stop);
    for (const component of Object.values(cluster.components)) this.#keeper.keep(component.name, () => component);
    const { kubeconfig, context, server } = cluster;
    return {
      value: { connection: 'development', kubeconfig, context },
      summary: `${server}: a real control plane; its nodes and pods are simulated by kwok`,
    };
  }

  async #startApi(temporal: Temporal): Promise<StepResult<string>> {
    const { env } = this.#options.shell;
    const port = await choosePort(this.#options.state, env);
    const server = `http://${connectHost(env['SLIPWAY_HOST'])}:${port}`;
    const environment = { ...temporal.environment, SLIPWAY_PORT: String(port) };
    const api = this.#supervise({ name: 'api', script: 'api/main.ts', environment, isReady: () => isUp(server) });
    await api.start();
    return {
      value: server,
      summary: `${server}, data in ${env['DATABASE_URL'] ? 'DATABASE_URL' : this.#options.state.home}`,
    };
  }

  async #startWorker(temporal: Temporal): Promise<StepResult<undefined>> {
    const { environment } = temporal;
    const worker = this.#supervise({
      name: 'worker',
      script: 'worker/main.ts',
      environment,
      isReady: async () => true,
    });
    await worker.start();
    return { value: undefined, summary: `process ${worker.pid() ?? ''}` };
  }

  #supervise(program: {
    readonly name: string;
    readonly script: string;
    readonly environment: Shell['env'];
    readonly isReady: () => Promise<boolean>;
  }): SupervisedProcess {
    const { state, shell } = this.#options;
    const supervised = superviseProcess({
      name: program.name,
      command: process.execPath,
      args: [...serviceNodeArguments, join(root, program.script)],
      environment: childEnvironment(shell.env, { ...program.environment, SLIPWAY_HOME: state.home }),
      folder: state.home,
      logFile: join(state.logs, `${program.name}.log`),
      isReady: program.isReady,
      readyMs,
      graceMs,
      onUnexpectedExit: this.#keeper.onUnexpectedExit,
    });
    this.#stops.push(supervised.stop);
    this.#keeper.keep(program.name, () => supervised);
    return supervised;
  }
}

/** The embedded server needs neither key nor certificate; what the user's environment says of another one does not count. */
function embeddedTemporal(address: string, namespace: string): Shell['env'] {
  return {
    TEMPORAL_ADDRESS: address,
    TEMPORAL_NAMESPACE: namespace,
    TEMPORAL_API_KEY: undefined,
    TEMPORAL_TLS: undefined,
    TEMPORAL_TLS_SERVER_NAME: undefined,
    TEMPORAL_TLS_SERVER_CA_CERT_PATH: undefined,
    TEMPORAL_TLS_CLIENT_CERT_PATH: undefined,
    TEMPORAL_TLS_CLIENT_KEY_PATH: undefined,
  };
}

/** The environment of a program of ours: never with a kubeconfig that nobody named for this. */
function childEnvironment(env: Shell['env'], changes: Shell['env']): Record<string, string> {
  const merged = { ...env, ...changes, KUBECONFIG: undefined };
  return Object.fromEntries(
    Object.entries(merged).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

async function choosePort(state: StateDirectory, env: Shell['env']): Promise<number> {
  if (env['SLIPWAY_PORT']) return Number(env['SLIPWAY_PORT']);
  if (await isPortFree(usualPort)) return usualPort;
  return (await openPortBook(join(state.run, 'api-ports.json'))).claim('api');
}

/** Where to reach a server that listens on this host: one that listens everywhere is reached here. */
function connectHost(host: string | undefined): string {
  return host === undefined || ['', '0.0.0.0', '::'].includes(host) ? '127.0.0.1' : host;
}

async function isUp(server: string): Promise<boolean> {
  const response = await fetch(`${server}/healthz`, { signal: AbortSignal.timeout(probeMs) });
  return response.ok;
}

/** Gives up waiting when the user interrupts; what was started is then stopped by the caller. */
async function untilInterrupted<T>(interrupted: AbortSignal, work: Promise<T>): Promise<T> {
  interrupted.throwIfAborted();
  const { promise, reject } = Promise.withResolvers<never>();
  const onAbort = (): void => reject(interrupted.reason);
  interrupted.addEventListener('abort', onAbort, { once: true });
  try {
    return await Promise.race([work, promise]);
  } finally {
    interrupted.removeEventListener('abort', onAbort);
  }
}
