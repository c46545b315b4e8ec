import type { Command } from 'commander';
import { z } from 'zod';
import { addCommand } from '../command.ts';
import { noFlagsSchema } from '../flags.ts';
import type { Runner } from '../invocation.ts';

const upFlagsSchema = z.object({ kubeconfig: z.string().optional(), kubeContext: z.string().optional() });

/** `slipway up|down|status|doctor`: Slipway on this machine. What they need is loaded only when they run. */
export function addLocalCommands(program: Command, runner: Runner): void {
  addCommand(program, {
    name: 'up',
    description: 'Start a server on this machine in the background: Temporal, a development cluster, API and worker.',
    flags: [
      (command) =>
        command
          .option('--kubeconfig <file>', 'use this cluster instead of a development cluster')
          .option('--kube-context <name>', 'the context in it (default: its current one)'),
    ],
    examples: [
      ['slipway up', 'nodes and pods of the development cluster are simulated'],
      ['slipway up --kubeconfig prod.yaml --kube-context prod', 'with a cluster of yours'],
      ['TEMPORAL_ADDRESS=temporal:7233 slipway up', 'with a Temporal of yours'],
    ],
    action: runner.local(upFlagsSchema, async (call) => (await import('../local/up.ts')).up(call)),
  });
  addCommand(program, {
    name: 'down',
    description: 'Stop the server of this machine, in order. Its data stays, and so does what is deployed elsewhere.',
    examples: [['slipway down', 'then slipway up goes on where it was']],
    action: runner.local(noFlagsSchema, async (call) => (await import('../local/up.ts')).down(call)),
  });
  addCommand(program, {
    name: 'status',
    description: 'Show whether the server answers, its parts, and what goes on. Exit 7 when it does not answer.',
    examples: [['slipway status', 'of the server that commands talk to now']],
    action: runner.local(noFlagsSchema, async (call) => (await import('../local/status.ts')).status(call)),
  });
  addCommand(program, {
    name: 'doctor',
    description: 'Check what Slipway needs here, and say how to get what is missing.',
    examples: [['slipway doctor', 'exit 1 where something is missing']],
    action: runner.local(noFlagsSchema, async (call) => (await import('../local/doctor.ts')).doctor(call)),
  });
}
