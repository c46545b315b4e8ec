import { Command, Option } from 'commander';
import { addConnectionCommands } from './commands/connection.ts';
import { addContextCommands } from './commands/context.ts';
import { addDeploymentCommands } from './commands/deployment.ts';
import { addDeployCommands } from './commands/deploy.ts';
import { addDesignCommands } from './commands/design.ts';
import { addEventCommands } from './commands/event.ts';
import { addLocalCommands } from './commands/local.ts';
import { addOperationCommands } from './commands/operation.ts';
import { addSavedPlanCommands } from './commands/plan.ts';
import { addSystemCommands } from './commands/system.ts';
import { addExamples } from './command.ts';
import type { Runner } from './invocation.ts';
import { outputFormats } from './output/printer.ts';
import { colourModes } from './output/style.ts';

const helpColumns = 100;

/** The whole command tree. */
export function buildProgram(runner: Runner): Command {
  const { stdout, stderr } = runner.shell;
  const program = new Command('slipway')
    .description('Deploy infrastructure designs onto Kubernetes clusters, and take them out again in order.')
    .exitOverride()
    .showHelpAfterError(false)
    .configureHelp({ showGlobalOptions: false, sortSubcommands: false })
    .configureOutput({
      writeOut: (text) => void stdout.write(text),
      writeErr: (text) => void stderr.write(text),
      outputError: () => undefined,
      getOutHelpWidth: () => stdout.columns ?? helpColumns,
      getErrHelpWidth: () => stderr.columns ?? helpColumns,
    });
  addGlobalOptions(program);
  program.commandsGroup('Designs and what runs:');
  const { plan } = addDeployCommands(program, runner);
  addSavedPlanCommands(plan, runner);
  addDesignCommands(program, runner);
  addDeploymentCommands(program, runner);
  addOperationCommands(program, runner);
  addEventCommands(program, runner);
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

function addGlobalOptions(program: Command): void {
  program
    .optionsGroup('Global options (every command takes them):')
    .option('--server <url>', 'the server to talk to (SLIPWAY_SERVER)')
    .option('--token <token>', 'its access token (SLIPWAY_TOKEN); the one of a local server is found by itself')
    .option('--context <name>', 'a stored server, see: slipway context (SLIPWAY_CONTEXT)')
    .addOption(new Option('-o, --output <format>', 'how data is written (SLIPWAY_OUTPUT)').choices(outputFormats))
    .addOption(new Option('--color <when>', 'colours (NO_COLOR, FORCE_COLOR)').choices(colourModes))
    .option('-q, --quiet', 'no progress, only data and errors')
    .option('-v, --verbose', 'say more, such as the stack of an error')
    .option('-y, --yes', 'answer every question with yes')
    .option('--no-input', 'never ask, fail instead (SLIPWAY_NO_INPUT)');
}
