import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';

/** Starts a script of this folder as a process of its own. */
export function startProcess(script: string, args: readonly string[]): ChildProcess {
  const file = fileURLToPath(new URL(script, import.meta.url));
  return spawn(process.execPath, [file, ...args], { stdio: ['pipe', 'pipe', 'inherit'] });
}

/** What a script of this folder prints as JSON. */
export async function runProcess(script: string, args: readonly string[]): Promise<unknown> {
  const child = startProcess(script, args);
  if (child.stdout === null) throw new Error('the process has no output');
  const [output, [code]] = await Promise.all([text(child.stdout), once(child, 'exit')]);
  if (code !== 0) throw new Error(`${script} ended with ${String(code)}: ${output}`);
  return JSON.parse(output);
}
