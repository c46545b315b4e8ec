import { rm } from 'node:fs/promises';
import { z } from 'zod';
import { parseJson } from '../../domain/json.ts';
import { isAlive } from '../../infra/runtime/is-alive.ts';
import { writePrivateFile } from '../../infra/runtime/private-file.ts';
import { readLockOwner } from '../../infra/runtime/process-lock.ts';
import { runningFile } from '../server-address.ts';
import { readIfThere } from '../settings.ts';
import type { Shell } from '../shell.ts';

const runningSchema = z.object({
  pid: z.int(),
  startedAt: z.string(),
  /** Address of the API. */
  server: z.string(),
  temporal: z.string(),
  temporalUi: z.string().nullable(),
  /** Name of the connection to the cluster that it brought up or was given. */
  connection: z.string(),
  kubeconfig: z.string(),
  simulated: z.boolean(),
});

/** What a running local Slipway says of itself. */
export type Running = z.infer<typeof runningSchema>;

export async function writeRunning(env: Shell['env'], running: Running): Promise<void> {
  await writePrivateFile(runningFile(env), `${JSON.stringify(running, undefined, 2)}\n`);
}

export async function removeRunning(env: Shell['env']): Promise<void> {
  await rm(runningFile(env), { force: true });
}

/** The local Slipway that is ready, or undefined; a file left by one that died does not count. */
export async function readRunning(env: Shell['env'], lockFile: string): Promise<Running | undefined> {
  const text = await readIfThere(runningFile(env));
  const owner = await readLockOwner(lockFile);
  if (text === undefined || owner === undefined || !isAlive(owner.pid)) return undefined;
  const running = runningSchema.safeParse(parseJson(text));
  return running.success && running.data.pid === owner.pid ? running.data : undefined;
}
