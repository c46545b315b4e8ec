import { setTimeout as sleep } from 'node:timers/promises';
import type { ClusterClient } from '../../infra/kubernetes/cluster-client.ts';
import { removeNamespace, requireGone, requirePresent } from './cluster-state.ts';
import { forgetPeak, readPeakBytes, readProcessorMs, type WatchedProcess } from './process-usage.ts';
import { type Action, actions, type Explanation, type Run, type Tool, type ToolName } from './tool.ts';
import { namespaceNamed, type Workload } from './workload.ts';

/** One action of one tool, once. `problem` is there instead of a time when the tool failed or was left out. */
export type Measurement = {
  readonly tool: ToolName;
  readonly size: number;
  readonly action: Action;
  readonly ms?: number;
  readonly problem?: string;
  readonly explanation?: Explanation;
  /** What each process of the stack used of the processors meanwhile. */
  readonly processorMs?: Readonly<Record<string, number>>;
  /** The most memory that each of Slipway's own processes held from the tool's deploy to the end of this action. */
  readonly peakBytes?: Readonly<Record<string, number>>;
};

export type MeasureDeps = {
  readonly cluster: ClusterClient;
  readonly processes: readonly WatchedProcess[];
  /** Those whose memory is of interest. */
  readonly ownProcesses: readonly WatchedProcess[];
};

/** Controllers go on for a moment after an undeploy; the next tool should not pay for it. */
const settleMs = 1000;

/** Lets a tool deploy, redeploy and undeploy a workload, checks that each did what it says, and leaves nothing. */
export async function measureTool(deps: MeasureDeps, tool: Tool, workload: Workload): Promise<readonly Measurement[]> {
  const { namespace, bringsNamespace } = workload;
  if (!bringsNamespace) await deps.cluster.apply(namespaceNamed(namespace), { fieldManager: 'bench' });
  const run = await tool.prepare(workload);
  const measurements: Measurement[] = [];
  for (const { pid } of deps.ownProcesses) {
    await forgetPeak(pid());
  }
  for (const action of actions) {
    const figures = await measureAction(deps, { run, action, workload });
    measurements.push({ tool: tool.name, size: workload.size, action, ...figures });
    if (figures.problem !== undefined) break;
  }
  await removeNamespace(deps.cluster, namespace);
  await sleep(settleMs);
  return measurements;
}

type Step = { readonly run: Run; readonly action: Action; readonly workload: Workload };

async function measureAction(deps: MeasureDeps, { run, action, workload }: Step) {
  const before = await readProcessorMs(deps.processes);
  const startedAt = performance.now();
  try {
    await run[action]();
  } catch (error) {
    return { problem: error instanceof Error ? error.message : String(error) };
  }
  const ms = performance.now() - startedAt;
  const processorMs = differences(await readProcessorMs(deps.processes), before);
  const explanation = await run.explain?.();
  const peakBytes = await readPeaks(deps.ownProcesses);
  const check = action === 'undeploy' ? requireGone : requirePresent;
  await check(deps.cluster, workload);
  return { ms, processorMs, peakBytes, ...(explanation === undefined ? {} : { explanation }) };
}

function differences(after: ReadonlyMap<string, number>, before: ReadonlyMap<string, number>): Record<string, number> {
  return Object.fromEntries([...after].map(([name, ms]) => [name, ms - (before.get(name) ?? 0)]));
}

async function readPeaks(processes: readonly WatchedProcess[]): Promise<Record<string, number>> {
  const peaks = await Promise.all(
    processes.map(async ({ name, pid }) => ({ name, bytes: await readPeakBytes(pid()) })),
  );
  return Object.fromEntries(peaks.flatMap(({ name, bytes }) => (bytes === undefined ? [] : [[name, bytes]])));
}
