import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { stringify } from 'yaml';
import { type Program, runProgram } from './run-program.ts';
import type { Tool } from './tool.ts';
import type { Workload } from './workload.ts';

/** Helm keeps the release outside the namespace that the chart brings, so that this can go with the rest. */
const releaseNamespace = 'default';

/** `helm install`, `upgrade` and `uninstall` of a chart with the objects as its one template, each waiting as Slipway does. */
export function createHelmTool(helm: Program, folder: string): Tool {
  const run = (verb: string, ...args: readonly string[]): Promise<void> =>
    runProgram(helm, [verb, ...args, '--namespace', releaseNamespace, '--wait']);
  return {
    name: 'helm',
    prepare: async (workload) => {
      const release = workload.namespace;
      const chart = await writeChart(workload, folder);
      return {
        deploy: () => run('install', release, chart),
        redeploy: () => run('upgrade', release, chart),
        undeploy: () => run('uninstall', release),
      };
    },
  };
}

async function writeChart({ namespace, text }: Workload, folder: string): Promise<string> {
  const chart = join(folder, `${namespace}-chart`);
  await mkdir(join(chart, 'templates'), { recursive: true });
  await writeFile(join(chart, 'Chart.yaml'), stringify({ apiVersion: 'v2', name: namespace, version: '1.0.0' }));
  await writeFile(join(chart, 'templates', 'objects.yaml'), text);
  return chart;
}
