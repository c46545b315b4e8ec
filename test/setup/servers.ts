import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TestProject } from 'vitest/node';
import { startDevelopmentCluster } from '../../infra/runtime/development-cluster.ts';
import { provision } from '../../infra/runtime/provision.ts';
import { openStateDirectory, type StateDirectory } from '../../infra/runtime/state-directory.ts';
import { startTemporalServer } from '../../infra/runtime/temporal-server.ts';
import { startRegistries, type TestRegistries } from './registries.ts';

/** What `inject('temporal')`, `inject('cluster')` and `inject('registry')` give to the tests of the project `real`. */
declare module 'vitest' {
  interface ProvidedContext {
    readonly temporal: { readonly address: string; readonly namespace: string; readonly uiUrl: string };
    readonly cluster: { readonly kubeconfig: string; readonly context: string; readonly server: string };
    readonly registry: TestRegistries;
  }
}

const provisionOptions = { environment: process.env, onProgress: writeLine };

/** Starts a Temporal server, a development cluster and OCI registries for the whole test run, and stops them after it. */
export async function setup(project: TestProject): Promise<() => Promise<void>> {
  const home = await mkdtemp(join(tmpdir(), 'slipway-test-'));
  const stops: (() => Promise<void>)[] = [() => rm(home, { recursive: true, force: true })];
  const teardown = async (): Promise<void> => {
    for (const stop of stops.toReversed()) {
      await stop();
    }
  };
  try {
    const state = await openStateDirectory(home);
    for (const provide of [provideTemporal, provideCluster, provideRegistries]) {
      stops.push(await provide(project, state));
    }
  } catch (error) {
    await teardown();
    throw error;
  }
  return teardown;
}

async function provideTemporal(project: TestProject, state: StateDirectory): Promise<() => Promise<void>> {
  const program = await provision('temporal', provisionOptions);
  const { address, namespace, uiUrl, stop } = await startTemporalServer({ state, program, onUnexpectedExit });
  project.provide('temporal', { address, namespace, uiUrl });
  return stop;
}

async function provideCluster(project: TestProject, state: StateDirectory): Promise<() => Promise<void>> {
  const programs = {
    controlPlane: await provision('slipway-cluster', provisionOptions),
    kwok: await provision('kwok', provisionOptions),
  };
  const { kubeconfig, context, server, stop } = await startDevelopmentCluster({ state, programs, onUnexpectedExit });
  project.provide('cluster', { kubeconfig, context, server });
  return stop;
}

async function provideRegistries(project: TestProject, state: StateDirectory): Promise<() => Promise<void>> {
  const program = await provision('registry', provisionOptions);
  const { registries, stop } = await startRegistries({ state, program, onUnexpectedExit });
  project.provide('registry', registries);
  return stop;
}

function onUnexpectedExit(exit: { readonly name: string; readonly how: string; readonly logFile: string }): void {
  writeLine(`${exit.name} ${exit.how} while tests ran; see ${exit.logFile}`);
}

function writeLine(line: string): void {
  process.stderr.write(`${line}\n`);
}
