#!/usr/bin/env node
// Runs on Node 20 too. Slipway itself needs Node 24, which its own packages bring: where the Node on the PATH is older,
// this starts the right one with the same arguments.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const neededMajor = 24;

if (Number(process.versions.node.split('.')[0]) >= neededMajor) {
  const { runOnProcess } = await import('./main.ts');
  await runOnProcess();
} else {
  runUnderNewerNode();
}

function runUnderNewerNode() {
  const child = spawn(findNode(), [fileURLToPath(import.meta.url), ...process.argv.slice(2)], { stdio: 'inherit' });
  // Ctrl-C reaches the child by itself, as it is in the same process group; this process only waits for it.
  process.on('SIGINT', () => {});
  process.on('SIGTERM', () => child.kill('SIGTERM'));
  child.on('error', (error) => fail(error.message));
  child.on('exit', (code, signal) => {
    process.exitCode = signal === null ? code : 128 + constants.signals[signal];
  });
}

function findNode() {
  const node = fileURLToPath(new URL(join('..', 'node_modules', '.bin', 'node'), import.meta.url));
  return existsSync(node) ? node : fail(`${node} is not there`);
}

function fail(cause) {
  console.error(`error: slipway needs Node ${neededMajor} or newer, this is ${process.versions.node}`);
  console.error(`  cause: ${cause}`);
  console.error('  fix:   run npm install in the folder of slipway');
  process.exit(1);
}
