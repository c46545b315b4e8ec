import { dirname, join, resolve } from 'node:path';
import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { flattenKubeconfig } from '../../infra/kubernetes/kubeconfig.ts';
import { openStateDirectory, stateHome } from '../../infra/runtime/state-directory.ts';
import { addExamples } from '../command.ts';
import { connectionNameOf } from '../connection-name.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Invocation, RemoteInvocation, Runner } from '../invocation.ts';
import { addOutputOptions, baseCommand } from '../base-command.ts';
import { readRunning } from './running.ts';
import type { Running } from './running.ts';
import { startStack } from './stack.ts';
import type { ClusterAccess, Stack } from './stack.ts';
import { StepReporter } from './step-reporter.ts';
import { addressLines } from './addresses.ts';
import { ensureConnection, openLocalClient } from './local-client.ts';
import { deployFile, takeOutAndProve } from './example.ts';

const exampleDesign = join(import.meta.dirname, '..', '..', 'examples', 'shop', 'design.yaml');

const startFlagsSchema = z.object({
  once: z.boolean().default(false),
  deploy: z.boolean().default(true),
  kubeconfig: z.string().optional(),
  context: z.string().optional(),
});

type StartCall = Invocation<z.infer<typeof startFlagsSchema>>;

/** `npm start`: everything on this machine, an example on it, live. */
export function buildStartProgram(runner: Runner): Command {
  const program = addOutputOptions(baseCommand('npm start --', runner.shell))
    .description('Bring up Temporal, a development cluster, the API and a worker; deploy a design and keep serving.')
    .argument('[design]', 'a design, manifests or a folder (default: examples/shop/design.yaml)')
    .option('--once', 'deploy, verify, undeploy, prove that nothing is left, and exit')
    .option('--no-deploy', 'deploy nothing')
    .option('--kubeconfig <file>', 'use this cluster; nothing else makes a kubeconfig be used')
    .option('--context <name>', 'the context in it (default: its current one)')
    .action(runner.local(startFlagsSchema, start));
  return addExamples(program, [
    ['npm start', 'the example, live'],
    ['npm start -- my-design.yaml', 'your own design'],
    ['npm start -- --once', 'prove that it works here, and leave nothing'],
    ['npm start -- --kubeconfig prod.yaml --context prod', 'on a cluster of yours'],
    ['TEMPORAL_ADDRESS=temporal:7233 npm start', 'with a Temporal of yours'],
  ]);
}

async function start(call: StartCall): Promise<ExitCode> {
  const { shell } = call;
  const cluster = await givenCluster(call);
  const state = await openStateDirectory(stateHome(shell.env));
  const there = await readRunning(shell.env, join(state.run, 'lock'));
  if (there !== undefined) return useRunning(call, there);
  const reporter = new StepReporter(shell, call.paint);
  const stack = await startStack({ shell, reporter, state, ...(cluster === undefined ? {} : { cluster }) });
  try {
    return await Promise.race([serve(call, stack), stack.failed]);
  } finally {
    reporter.say('stopping …');
    await stack.stop();
    reporter.say('everything that was started is stopped; the data stays');
  }
}

async function givenCluster({ flags, shell }: StartCall): Promise<ClusterAccess | undefined> {
  const { kubeconfig, context } = flags;
  if (kubeconfig === undefined) {
    if (context === undefined) return undefined;
    throw new SlipwayError('invalid', '--context names a context of a kubeconfig', { fix: 'add --kubeconfig FILE' });
  }
  const file = userPath(shell.env, kubeconfig);
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new SlipwayError('invalid', `cannot read ${file}`, { cause: error, fix: '--kubeconfig FILE' });
  });
  const chosen = context === undefined ? {} : { context };
  const flat = flattenKubeconfig(text, { trusted: true, directory: dirname(file), ...chosen });
  return { connection: connectionNameOf(flat.context), kubeconfig: file, context: flat.context };
}

/** A path as the user wrote it: npm runs scripts in the folder of the package and says where it was called. */
function userPath(env: StartCall['shell']['env'], path: string): string {
  return resolve(env['INIT_CWD'] ?? process.cwd(), path);
}

/** Another process serves this state directory already: use it, and leave it running. */
async function useRunning(call: StartCall, running: Running): Promise<ExitCode> {
  call.say(`Slipway already runs here: process ${running.pid}, ${running.server}`);
  const remote = await remoteCall(call, running);
  return call.flags.deploy ? (await work(remote, running)).code : exitCodes.ok;
}

async function serve(call: StartCall, stack: Stack): Promise<ExitCode> {
  const remote = await remoteCall(call, stack.running);
  await ensureConnection(remote.client, stack.cluster);
  const { code, design } = call.flags.deploy ? await work(remote, stack.running) : nothingToDo;
  if (call.flags.once || code === exitCodes.interrupted) return code;
  const stop = 'Ctrl-C stops what was started here; the data stays for the next start.';
  const lines = addressLines(stack.running, { paint: call.paint, stop, ...(design === undefined ? {} : { design }) });
  call.shell.stderr.write(`${lines.join('\n')}\n`);
  await interruption(call.shell.interrupted);
  return code;
}

type Worked = { readonly code: ExitCode; readonly design?: string };
const nothingToDo: Worked = { code: exitCodes.ok };
type WorkCall = RemoteInvocation<z.infer<typeof startFlagsSchema>>;

async function remoteCall(call: StartCall, { server }: Running): Promise<WorkCall> {
  return { ...call, client: await openLocalClient(call.shell, server) };
}

/** Deploys the design, and with --once takes it out again. */
async function work(call: WorkCall, running: Running): Promise<Worked> {
  const [given] = call.args;
  const file = given === undefined ? exampleDesign : userPath(call.shell.env, given);
  const deployed = await deployFile(call, { file, connection: running.connection });
  if (!call.flags.once || deployed.code !== exitCodes.ok) return deployed;
  const { design } = deployed;
  return { design, code: await takeOutAndProve(call, { design, connection: running.connection }) };
}

function interruption(signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    if (signal.aborted) done();
    signal.addEventListener('abort', () => done(), { once: true });
  });
}
