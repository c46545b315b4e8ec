import type { Command } from 'commander';
import { addOutputOptions, baseCommand } from './base-command.ts';
import { addComponentCommands } from './commands/component.ts';
import { addConnectionCommands } from './commands/connection.ts';
import { addContextCommands } from './commands/context.ts';
import { addDeploymentCommands } from './commands/deployment.ts';
import { addDeployCommands } from './commands/deploy.ts';
import { addDesignCommands } from './commands/design.ts';
import { addEventCommands } from './commands/event.ts';
import { addLineageCommand } from './commands/lineage.ts';
import { addLocalCommands } from './commands/local.ts';
import { addModelCommands } from './commands/model.ts';
import { addOperationCommands } from './commands/operation.ts';
import { addSavedPlanCommands } from './commands/plan.ts';
import { addRegistryCommands } from './commands/registry.ts';
import { addRelationshipCommands } from './commands/relationship.ts';
import { addScheduleCommands } from './commands/schedule.ts';
import { addSystemCommands } from './commands/system.ts';
import { addExamples } from './command.ts';
import type { Runner } from './invocation.ts';

/** The whole command tree. */
export function buildProgram(runner: Runner): Command {
  const program = baseCommand('slipway', runner.shell).description(
    'Deploy infrastructure designs onto Kubernetes clusters, and take them out again in order.',
  );
  program.optionsGroup('Global options (every command takes them):');
  addServerOptions(program);
  addOutputOptions(program);
  program.commandsGroup('Designs and what runs:');
  const { plan } = addDeployCommands(program, runner);
  addSavedPlanCommands(plan, runner);
  addDesignCommands(program, runner);
  addDeploymentCommands(program, runner);
  addOperationCommands(program, runner);
  addEventCommands(program, runner);
  addLineageCommand(program, runner);
  program.commandsGroup('What designs can use:');
  addModelCommands(program, runner);
  addComponentCommands(program, runner);
  addRelationshipCommands(program, runner);
  addRegistryCommands(program, runner);
  addScheduleCommands(program, runner);
  program.commandsGroup('Clusters and servers:');
  addConnectionCommands(program, runner);
  addContextCommands(program, runner);
  addLocalCommands(program, runner);
  program.commandsGroup('This program:');
  addSystemCommands(program, runner);
  return addExamples(program, [
    ['slipway up', 'start a server and a development cluster on this machine'],
    ['slipway deploy -f shop.yaml', 'deploy a design to the only connection there is'],
    ['slipway plan -f shop.yaml -c prod', 'see what would change, and change nothing'],
    ['slipway undeploy shop -c prod', 'take it out again, in order'],
    ['slipway operation list --running', 'see what is going on'],
  ]);
}

function addServerOptions(program: Command): void {
  program
    .option('--server <url>', 'the server to talk to (SLIPWAY_SERVER)')
    .option('--token <token>', 'its access token (SLIPWAY_TOKEN); the one of a local server is found by itself')
    .option('--context <name>', 'a stored server, see: slipway context (SLIPWAY_CONTEXT)');
}
