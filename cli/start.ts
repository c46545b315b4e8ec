import { buildStartProgram } from './local/start-command.ts';
import { runOnProcess } from './main.ts';

await runOnProcess(buildStartProgram);
// A build that was interrupted may still hold the process.
process.exit();
