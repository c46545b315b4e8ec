import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { z } from 'zod';

/** A program that must end well: a failure counts as one, a success as nothing, as only tests are counted. */
type Check = { readonly title: string; readonly command: readonly [string, ...string[]] };

type Counts = { readonly passed: number; readonly failed: number; readonly skipped: number };

const root = join(import.meta.dirname, '..');
const folders = ['domain', 'workflows', 'activities', 'api', 'worker', 'infra', 'cli', 'bench', 'test'].filter(
  (folder) => existsSync(join(root, folder)),
);

const checks: readonly Check[] = [
  { title: 'format', command: ['oxfmt', '--check', ...folders, 'vitest.config.ts', 'package.json'] },
  { title: 'lint', command: ['oxlint', ...folders, 'vitest.config.ts'] },
  { title: 'layers', command: ['depcruise', ...folders] },
  { title: 'types', command: ['tsc', '-p', 'tsconfig.json'] },
  { title: 'programs', command: ['node', 'infra/runtime/provision-main.ts'] },
];

/** In the order in which they run: what fails fast comes first, what starts its own programs does not share the machine. */
const testProjects = ['unit', 'runtime', 'real', 'faults'] as const;

const nothing: Counts = { passed: 0, failed: 0, skipped: 0 };

/** What is read of vitest's report; a run that broke before it wrote one has passed and failed nothing. */
const vitestReport = z
  .object({
    success: z.boolean().catch(false),
    numPassedTests: z.int().catch(0),
    numFailedTests: z.int().catch(0),
    numPendingTests: z.int().catch(0),
    numTodoTests: z.int().catch(0),
  })
  .transform((report) => ({
    succeeded: report.success,
    passed: report.numPassedTests,
    failed: report.numFailedTests,
    skipped: report.numPendingTests + report.numTodoTests,
  }));

process.exitCode = await main(process.argv.slice(2));

/** Runs every check and every test, or only the tests that `selection` names, and says the sum on the last line. */
async function main(selection: readonly string[]): Promise<number> {
  const { passed, failed, skipped } = selection.length > 0 ? await runTests(selection) : await runEverything();
  console.log(`\n${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
  return failed === 0 && passed > 0 ? 0 : 1;
}

async function runEverything(): Promise<Counts> {
  let sum = nothing;
  for (const check of checks) {
    sum = add(sum, await runCheck(check));
  }
  for (const project of testProjects) {
    sum = add(sum, await runTests(['--project', project]));
  }
  return sum;
}

async function runCheck({ title, command }: Check): Promise<Counts> {
  console.log(`\n== ${title}`);
  const code = await run(command);
  console.log(code === 0 ? `${title}: ok` : `${title}: failed`);
  return code === 0 ? nothing : { ...nothing, failed: 1 };
}

async function runTests(args: readonly string[]): Promise<Counts> {
  console.log(`\n== tests ${args.join(' ')}`);
  const folder = await mkdtemp(join(tmpdir(), 'slipway-report-'));
  const file = join(folder, 'report.json');
  const code = await run([
    ...(['vitest', 'run', '--passWithNoTests', '--reporter=default', '--reporter=json'] as const),
    `--outputFile.json=${file}`,
    ...args,
  ]);
  const counts = await readCounts(file, code);
  await rm(folder, { recursive: true, force: true });
  return counts;
}

/** A run that failed without a failed test, such as one whose set-up broke, counts as one failure. */
async function readCounts(file: string, code: number): Promise<Counts> {
  const text = await readFile(file, 'utf8').catch(() => '{}');
  const { succeeded, passed, failed, skipped } = vitestReport.parse(JSON.parse(text));
  const brokeOtherwise = failed === 0 && (code !== 0 || !succeeded);
  return { passed, failed: brokeOtherwise ? 1 : failed, skipped };
}

function add(left: Counts, right: Counts): Counts {
  return {
    passed: left.passed + right.passed,
    failed: left.failed + right.failed,
    skipped: left.skipped + right.skipped,
  };
}

function run([command, ...args]: readonly [string, ...string[]]): Promise<number> {
  const path = `${join(root, 'node_modules', '.bin')}${delimiter}${process.env['PATH'] ?? ''}`;
  return new Promise((resolve) => {
    const child = spawn(command, args, { cwd: root, stdio: 'inherit', env: { ...process.env, PATH: path } });
    child.once('error', (error) => {
      console.error(error.message);
      resolve(1);
    });
    child.once('exit', (code) => resolve(code ?? 1));
  });
}
