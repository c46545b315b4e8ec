import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../domain/errors.ts';
import { connectToCluster, isHealthy, type ClusterApi } from './development-cluster/api.ts';
import {
  componentArguments,
  etcdSocket,
  type ComponentName,
  type ComponentOptions,
  type ComponentPorts,
} from './development-cluster/components.ts';
import { applyContents, isPopulated, releaseNodes } from './development-cluster/contents.ts';
import { clusterFiles, clusterName, writeClusterFiles } from './development-cluster/files.ts';
import { openPortBook } from './ports.ts';
import { superviseProcess, type SupervisedProcess, type UnexpectedExit } from './process.ts';
import type { StateDirectory } from './state-directory.ts';

const readyMs = 180_000;
const graceMs = 15_000;
const populatedMs = 180_000;
const pollMs = 50;

/** The programs that a development cluster is made of. */
export type ClusterPrograms = { readonly controlPlane: string; readonly kwok: string };

export type DevelopmentCluster = {
  /** File with full rights on the cluster, readable by this user only. */
  readonly kubeconfig: string;
  readonly context: string;
  readonly server: string;
  /** Each program of the cluster, to kill it and start it again at the same address. */
  readonly components: Readonly<Record<ComponentName, SupervisedProcess>>;
  readonly stop: () => Promise<void>;
};

export type DevelopmentClusterOptions = {
  readonly state: StateDirectory;
  readonly programs: ClusterPrograms;
  readonly onUnexpectedExit: (exit: UnexpectedExit) => void;
};

/**
 * Starts a real Kubernetes control plane on loopback whose nodes and pods are simulated by kwok, with its data in the
 * state directory, and waits until nodes are ready and the default namespace is set up.
 */
export async function startDevelopmentCluster(options: DevelopmentClusterOptions): Promise<DevelopmentCluster> {
  const files = clusterFiles(join(options.state.data, 'cluster'));
  const ports = await claimComponentPorts(options.state);
  const access = await writeClusterFiles(files, options.programs.controlPlane, ports['kube-apiserver']);
  const api = connectToCluster(access);
  const components = superviseComponents({ ...options, files, ports, api });
  const stop = async (): Promise<void> => {
    await stopAll(components);
    await api.close();
  };
  try {
    await startAll(components, api);
    await populate(api);
  } catch (error) {
    await stop();
    throw error;
  }
  return {
    kubeconfig: files.kubeconfigs.admin,
    context: clusterName,
    server: access.server,
    components,
    stop,
  };
}

async function claimComponentPorts(state: StateDirectory): Promise<ComponentPorts> {
  const book = await openPortBook(join(state.run, 'cluster-ports.json'));
  return {
    'kube-apiserver': await book.claim('kube-apiserver'),
    'kube-controller-manager': await book.claim('kube-controller-manager'),
    'kube-scheduler': await book.claim('kube-scheduler'),
    kwok: await book.claim('kwok'),
  };
}

type Components = Readonly<Record<ComponentName, SupervisedProcess>>;

type Supervision = DevelopmentClusterOptions & ComponentOptions & { readonly api: ClusterApi };

function superviseComponents(options: Supervision): Components {
  const supervise = (name: ComponentName): SupervisedProcess => superviseComponent(name, options);
  return {
    etcd: supervise('etcd'),
    'kube-apiserver': supervise('kube-apiserver'),
    'kube-controller-manager': supervise('kube-controller-manager'),
    'kube-scheduler': supervise('kube-scheduler'),
    kwok: supervise('kwok'),
  };
}

function superviseComponent(name: ComponentName, options: Supervision): SupervisedProcess {
  const { state, programs, files } = options;
  const args = componentArguments(name, options);
  return superviseProcess({
    name,
    command: name === 'kwok' ? programs.kwok : programs.controlPlane,
    args: name === 'kwok' ? args : [name, ...args],
    // A home of its own: no component reads the user's kubeconfig or kwok settings.
    environment: { HOME: files.folder },
    folder: files.folder,
    logFile: join(state.logs, `${name}.log`),
    isReady: () => isComponentReady(name, options),
    readyMs,
    graceMs,
    onUnexpectedExit: options.onUnexpectedExit,
  });
}

async function isComponentReady(name: ComponentName, { files, ports, api }: Supervision): Promise<boolean> {
  switch (name) {
    case 'etcd':
      return (await stat(join(files.folder, etcdSocket))).isSocket();
    case 'kube-apiserver':
      return (await api.get('/readyz')).status === 200;
    case 'kube-controller-manager':
    case 'kube-scheduler':
      return isHealthy(`https://127.0.0.1:${ports[name]}/healthz`);
    case 'kwok':
      return isHealthy(`http://127.0.0.1:${ports[name]}/healthz`);
  }
}

async function startAll(components: Components, api: ClusterApi): Promise<void> {
  await components.etcd.start();
  await components['kube-apiserver'].start();
  await releaseNodes(api);
  const started = await Promise.allSettled(followers(components).map((component) => component.start()));
  const failed = started.find((result) => result.status === 'rejected');
  if (failed !== undefined) {
    throw failed.reason;
  }
}

async function stopAll(components: Components): Promise<void> {
  await Promise.all(followers(components).map((component) => component.stop()));
  await components['kube-apiserver'].stop();
  await components.etcd.stop();
}

/** The programs that need only the API server. */
function followers(components: Components): readonly SupervisedProcess[] {
  return [components['kube-controller-manager'], components['kube-scheduler'], components.kwok];
}

async function populate(api: ClusterApi): Promise<void> {
  const deadline = Date.now() + populatedMs;
  await applyContents(api);
  while (!(await isPopulated(api))) {
    if (Date.now() > deadline) {
      throw new SlipwayError(
        'unavailable',
        `the development cluster has no ready nodes after ${populatedMs / 1000} s`,
        {
          fix: 'Read kube-controller-manager.log and kwok.log in the logs folder of the state directory.',
        },
      );
    }
    await sleep(pollMs);
  }
}
