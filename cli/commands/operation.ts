import type { Command } from 'commander';
import { z } from 'zod';
import {
  isFinal,
  operationKinds,
  operationPhases,
  operationSchema,
  operationStates,
  operationStepSchema,
  stepStates,
} from '../../domain/operation.ts';
import type { Operation } from '../../domain/operation.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { awaitOperation } from '../await-operation.ts';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import type { ExitCode } from '../exit-codes.ts';
import { addListFlags, addWaitFlags, listFlagsSchema, noFlagsSchema, waitFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { titleOf } from '../operation-title.ts';
import { describeTrouble, readTrouble } from '../operation-trouble.ts';
import { printPages } from '../read-pages.ts';
import { operationView, stepView } from '../views.ts';
import { addResolveCommand } from './operation-resolve.ts';

const operationArgument = { '<operation>': 'id of the operation' };
const runningStates = operationStates.filter((state) => !isFinal(state));
const listedSchema = z.object({
  ...listFlagsSchema.shape,
  running: z.boolean().default(false),
  state: z.enum(operationStates).optional(),
  kind: z.enum(operationKinds).optional(),
  deployment: z.string().optional(),
});
const stepsSchema = z.object({
  ...listFlagsSchema.shape,
  phase: z.enum(operationPhases).optional(),
  state: z.enum(stepStates).optional(),
});

type ListCall = RemoteInvocation<z.infer<typeof listedSchema>>;

/** `slipway operation …`: work that goes on, and work that is done. */
export function addOperationCommands(program: Command, runner: Runner): void {
  const operation = addGroup(program, {
    name: 'operation',
    alias: 'op',
    description: 'Operations: follow, stop and explain work.',
    examples: [
      ['slipway operation list --running', 'what goes on now'],
      ['slipway operation watch op_01h…', 'follow one to its end'],
      ['slipway operation show op_01h…', 'why it failed'],
    ],
  });
  addReading(operation, runner);
  addWatching(operation, runner);
  addSignal(operation, runner, {
    name: 'cancel',
    description: 'Cancel an operation; what it did is undone as its --on-failure says.',
  });
  addSignal(operation, runner, {
    name: 'pause',
    description: 'Let no further object start; those in progress are finished.',
  });
  addSignal(operation, runner, { name: 'resume', description: 'Go on with a paused operation.' });
  addResolveCommand(operation, runner);
}

function addReading(operation: Command, runner: Runner): void {
  addCommand(operation, {
    name: 'list',
    description: 'List operations, newest first.',
    flags: [
      (command) =>
        command
          .option('--running', 'only those that have not ended')
          .option('--state <state>', operationStates.join(', '))
          .option('--kind <kind>', operationKinds.join(', '))
          .option('--deployment <id>', 'only of this deployment'),
      addListFlags,
    ],
    examples: [
      ['slipway operation list --running', 'what goes on now'],
      ['slipway operation list --state failed -o json', 'for a program'],
    ],
    action: runner.remote(listedSchema, listOperations),
  });
  for (const name of ['get', 'show']) {
    addCommand(operation, {
      name,
      description:
        'Show an operation: per failed object what the server said and the likely fix, then who waits for it.',
      arguments: operationArgument,
      examples: [[`slipway operation ${name} op_01h…`, 'why it failed']],
      action: runner.remote(noFlagsSchema, showOperation),
    });
  }
  addSteps(operation, runner);
}

function addSteps(operation: Command, runner: Runner): void {
  addCommand(operation, {
    name: 'steps',
    description: 'List what an operation did to each object.',
    arguments: operationArgument,
    flags: [
      (command) =>
        command.option('--phase <phase>', operationPhases.join(', ')).option('--state <state>', stepStates.join(', ')),
      addListFlags,
    ],
    examples: [['slipway operation steps op_01h… --state failed', 'only what failed']],
    action: runner.remote(stepsSchema, (call) => {
      const { phase, state } = call.flags;
      const path = apiPath('operations', call.args[0] ?? '', 'steps');
      return printPages(call, stepView, {
        item: operationStepSchema,
        path,
        query: { phase, state },
        flags: call.flags,
      });
    }),
  });
}

function addWatching(operation: Command, runner: Runner): void {
  addCommand(operation, {
    name: 'watch',
    description: 'Follow an operation to its end. Ctrl-C detaches; the operation goes on.',
    arguments: operationArgument,
    flags: [addWaitTimeoutOnly],
    examples: [
      ['slipway operation watch op_01h…', 'as if you had started it here'],
      ['slipway operation watch op_01h… -o jsonl', 'every step as JSON'],
    ],
    action: runner.remote(waitFlagsSchema, async (call) => {
      const watched = await readOperation(call);
      return awaitOperation(call, watched, await titleOf(call.client, watched));
    }),
  });
  addCommand(operation, {
    name: 'retry',
    description: 'Do a failed or cancelled operation again, as a new one.',
    arguments: operationArgument,
    flags: [addWaitFlags],
    examples: [['slipway operation retry op_01h…', 'and watch it']],
    action: runner.remote(waitFlagsSchema, retryOperation),
  });
}

function addWaitTimeoutOnly(command: Command): Command {
  addWaitFlags(command);
  for (const option of command.options) if (option.long === '--no-wait') option.hideHelp();
  return command;
}

function addSignal(
  parent: Command,
  runner: Runner,
  { name, description }: { readonly name: 'cancel' | 'pause' | 'resume'; readonly description: string },
): void {
  addCommand(parent, {
    name,
    description,
    arguments: operationArgument,
    examples: [[`slipway operation ${name} op_01h…`, `then: slipway operation watch op_01h…`]],
    action: runner.remote(noFlagsSchema, async ({ client, say, args: [id = ''] }) => {
      await client.post({ schema: ignoredSchema, path: apiPath('operations', id, name) });
      say(`asked to ${name}: slipway operation watch ${id}`);
    }),
  });
}

async function listOperations(call: ListCall): Promise<void> {
  const { running, state, kind, deployment } = call.flags;
  const query = { state: running ? runningStates : state, kind, deployment };
  await printPages(call, operationView, {
    item: operationSchema,
    path: apiPath('operations'),
    query,
    flags: call.flags,
  });
}

async function showOperation(call: RemoteInvocation<unknown>): Promise<void> {
  const operation = await readOperation(call);
  const trouble = await readTrouble(call.client, operation.id);
  if (call.printer.isForPeople || call.printer.format === 'name') {
    return call.printer.item(operationView, operation, describeTrouble(operation, trouble, call.printer.paint));
  }
  return call.printer.data({ ...operation, ...trouble });
}

async function retryOperation(call: RemoteInvocation<z.infer<typeof waitFlagsSchema>>): Promise<ExitCode> {
  const path = apiPath('operations', call.args[0] ?? '', 'retry');
  const operation = await call.client.post({ schema: operationSchema, path });
  return awaitOperation(call, operation, await titleOf(call.client, operation));
}

function readOperation({ client, args: [id = ''] }: RemoteInvocation<unknown>): Promise<Operation> {
  return client.get({ schema: operationSchema, path: apiPath('operations', id) });
}
