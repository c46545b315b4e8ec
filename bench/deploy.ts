/**
 * How long does Slipway take to deploy, redeploy and undeploy a design, next to the cluster's own limit, kubectl, Helm
 * and kapp? One run, one development cluster, one Temporal server, the API and one worker as processes.
 *
 *   node bench/deploy.ts [--sizes 100,1000,5000] [--rounds 3] [--tools slipway,raw,kubectl,helm,kapp]
 *                        [--mix configmaps|realistic] [--namespace brought|existing] [--all] [--json FILE]
 */
import { writeFile } from 'node:fs/promises';
import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import { provision } from '../infra/runtime/provision.ts';
import { createHelmTool } from './deploy/helm.ts';
import { createKappTool } from './deploy/kapp.ts';
import { createKubectlTool } from './deploy/kubectl.ts';
import { measureTool, type Measurement } from './deploy/measure.ts';
import { createRawTool } from './deploy/raw.ts';
import { toReport } from './deploy/report.ts';
import { createSlipwayTool } from './deploy/slipway.ts';
import { provisionOptions, say, type Stack, startStack } from './deploy/stack.ts';
import { type Tool, type ToolName, toolNames } from './deploy/tool.ts';
import { createWorkload, mixes } from './deploy/workload.ts';

/** At its 50 requests a second, kubectl takes minutes beyond this. */
const kubectlSizeMax = 1000;
/** What each tool does once before it counts: processes are warm, connections open, caches filled. */
const warmUpSize = 100;

const list = z.string().transform((text): unknown => text.split(',').filter((item) => item !== ''));

const optionsSchema = z.strictObject({
  sizes: list.pipe(z.array(z.coerce.number().int().min(2).max(10_000)).min(1)),
  rounds: z.coerce.number().int().min(1),
  tools: list.pipe(z.array(z.enum(toolNames)).min(1)),
  mix: z.enum(mixes),
  /** Whether the design brings its namespace, whose removal takes the cluster 5 s by itself, or finds it there. */
  namespace: z.enum(['brought', 'existing']),
  all: z.boolean(),
  json: z.string().optional(),
});

type Options = z.infer<typeof optionsSchema>;

function readOptions(): Options {
  const { values } = parseArgs({
    options: {
      sizes: { type: 'string', default: '100,1000,5000' },
      rounds: { type: 'string', default: '3' },
      tools: { type: 'string', default: toolNames.join(',') },
      mix: { type: 'string', default: 'configmaps' },
      namespace: { type: 'string', default: 'brought' },
      all: { type: 'boolean', default: false },
      json: { type: 'string' },
    },
  });
  return optionsSchema.parse(values);
}

async function createTool(name: ToolName, stack: Stack): Promise<Tool> {
  const environment = { PATH: process.env['PATH'] ?? '', HOME: stack.folder, KUBECONFIG: stack.kubeconfig };
  switch (name) {
    case 'slipway':
      return createSlipwayTool({
        api: stack.slipway.api,
        connection: stack.slipway.connection,
        temporal: stack.temporal,
      });
    case 'raw':
      return createRawTool(stack.cluster);
    case 'kubectl':
      return createKubectlTool({ path: 'kubectl', environment }, stack.folder);
    case 'helm':
      return createHelmTool({ path: await provision('helm', provisionOptions), environment }, stack.folder);
    case 'kapp':
      return createKappTool({ path: await provision('kapp', provisionOptions), environment }, stack.folder);
  }
}

/** Round by round, so that a noisy minute does not fall on one tool only. The first, small one warms up. */
async function measureAll(options: Options, stack: Stack): Promise<readonly Measurement[]> {
  const tools = await Promise.all(options.tools.map((name) => createTool(name, stack)));
  const deps = {
    cluster: stack.cluster,
    processes: stack.processes,
    ownProcesses: [...stack.slipway.workers, stack.slipway.apiProcess],
  };
  const measure = (tool: Tool, size: number, round: number): Promise<readonly Measurement[]> => {
    const namespace = `bench-${tool.name}-${size}-${round}`;
    const bringsNamespace = options.namespace === 'brought';
    return measureAndSay(deps, tool, createWorkload({ mix: options.mix, size, namespace, bringsNamespace }));
  };
  for (const tool of tools) await measure(tool, warmUpSize, 0);
  const measurements: Measurement[] = [];
  for (const size of options.sizes) {
    for (let round = 1; round <= options.rounds; round += 1) {
      for (const tool of tools) {
        const isLeftOut = tool.name === 'kubectl' && size > kubectlSizeMax && !options.all;
        measurements.push(...(isLeftOut ? [leftOut(tool.name, size)] : await measure(tool, size, round)));
      }
    }
  }
  return measurements;
}

async function measureAndSay(...input: Parameters<typeof measureTool>): Promise<readonly Measurement[]> {
  const [, tool, { size }] = input;
  const measurements = await measureTool(...input);
  const results = measurements.map(({ action, ms, problem }) => `${action} ${problem ?? `${Math.round(ms ?? 0)} ms`}`);
  say(`${tool.name}, ${size} objects: ${results.join(', ')}`);
  return measurements;
}

function leftOut(tool: ToolName, size: number): Measurement {
  return { tool, size, action: 'deploy', problem: 'left out, as it takes minutes; --all measures it' };
}

const options = readOptions();
const stack = await startStack();
try {
  const measurements = await measureAll(options, stack);
  const { sizes: _sizes, json, ...conditions } = options;
  console.log(
    `Mix: ${conditions.mix}. Namespace: ${conditions.namespace}. Median of ${conditions.rounds}. ${cpus().length} processors, Node ${process.version}.\n`,
  );
  console.log(toReport(measurements));
  if (json !== undefined) {
    const machine = { processors: cpus().length, memoryBytes: totalmem(), node: process.version };
    await writeFile(json, `${JSON.stringify({ machine, ...conditions, measurements }, undefined, 2)}\n`);
  }
} finally {
  await stack.stop();
}
