import { provision } from './provision.ts';
import { programNames } from './provision/program.ts';
import { SlipwayError } from '../../domain/errors.ts';

process.exitCode = await main();

/** Provides every program one after another, so that the first test does not wait for a build that nobody sees. */
async function main(): Promise<number> {
  for (const name of programNames) {
    try {
      await provision(name, { environment: process.env, onProgress: say });
    } catch (error) {
      if (!(error instanceof SlipwayError)) {
        throw error;
      }
      say(`Error: ${error.message}\nFix: ${error.fix ?? ''}`);
      return 1;
    }
  }
  say(`programs: ${programNames.join(', ')}`);
  return 0;
}

function say(line: string): void {
  process.stderr.write(`${line}\n`);
}
