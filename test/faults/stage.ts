import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type DevelopmentCluster, startDevelopmentCluster } from '../../infra/runtime/development-cluster.ts';
import { provision } from '../../infra/runtime/provision.ts';
import { openStateDirectory, type StateDirectory } from '../../infra/runtime/state-directory.ts';
import { startTemporalServer, type TemporalServer } from '../../infra/runtime/temporal-server.ts';
import { type Installation, type InstallationOptions, startInstallation } from '../installation/installation.ts';

/** Everything that a deploy depends on, as processes of its own that a test may kill. */
export type Stage = {
  readonly temporal: TemporalServer;
  readonly cluster: DevelopmentCluster;
  readonly slipway: Installation;
  readonly stop: () => Promise<void>;
};

/** Starts a Temporal server, a development cluster and a Slipway on them, in a home of their own. */
export async function startStage({
  workerCount = 1,
  environment = {},
}: Pick<InstallationOptions, 'workerCount' | 'environment'> = {}): Promise<Stage> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-faults-'));
  const stops: (() => Promise<void>)[] = [() => rm(home, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const stopOne of stops.toReversed()) await stopOne();
  };
  try {
    const state = await openStateDirectory(home);
    const temporal = await startTemporal(state);
    stops.push(temporal.stop);
    const cluster = await startCluster(state);
    stops.push(cluster.stop);
    const slipway = await startInstallation({ temporal, cluster, workerCount, environment });
    stops.push(slipway.stop);
    return { temporal, cluster, slipway, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

const provisionOptions = { environment: process.env, onProgress: writeLine };

async function startTemporal(state: StateDirectory): Promise<TemporalServer> {
  return startTemporalServer({ state, program: await provision('temporal', provisionOptions), onUnexpectedExit });
}

async function startCluster(state: StateDirectory): Promise<DevelopmentCluster> {
  const programs = {
    controlPlane: await provision('slipway-cluster', provisionOptions),
    kwok: await provision('kwok', provisionOptions),
  };
  return startDevelopmentCluster({ state, programs, onUnexpectedExit });
}

function onUnexpectedExit({ name, how }: { readonly name: string; readonly how: string }): void {
  writeLine(`${name} ${how}, though no test killed it`);
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
