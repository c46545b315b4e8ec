import { join } from 'node:path';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import { homeDirectory, readIfThere, readSettings } from './settings.ts';
import type { ServerContext, Settings } from './settings.ts';
import type { Shell } from './shell.ts';

/** Which server to talk to and with which token. */
export type ServerAddress = {
  readonly server: string;
  readonly token: string | undefined;
  /** Where the server's address came from, for `status` and `doctor`. */
  readonly source: string;
};

export type ServerFlags = {
  readonly server?: string | undefined;
  readonly token?: string | undefined;
  readonly context?: string | undefined;
};

const runningSchema = z.looseObject({ server: z.url() });
const serverSchema = z.url({ protocol: /^https?$/ });

/** Finds the server: flag, then environment, then context, then the local one; and the token that belongs to it. */
export async function findServer(shell: Shell, flags: ServerFlags): Promise<ServerAddress> {
  const { env } = shell;
  const context = await chooseContext(env, flags);
  const { server, source } = await chooseServer(env, flags, context);
  return { server, source, token: await chooseToken(env, { flags, context, server }) };
}

/** The folder of the local installation's data. */
export function slipwayHome(env: Shell['env']): string {
  return env['SLIPWAY_HOME'] || join(homeDirectory(env), '.slipway');
}

/** The file in which a running local installation says where it listens. */
export function runningFile(env: Shell['env']): string {
  return join(slipwayHome(env), 'run', 'slipway.json');
}

async function chooseContext(env: Shell['env'], flags: ServerFlags): Promise<ServerContext | undefined> {
  const settings = await readSettings(env);
  const name = flags.context ?? (env['SLIPWAY_CONTEXT'] || settings.current);
  return name === undefined ? undefined : findContext(settings, name);
}

/** The context of this name; throws `notFound` with the known ones. */
export function findContext(settings: Settings, name: string): ServerContext {
  const found = settings.contexts.find((context) => context.name === name);
  if (found !== undefined) return found;
  const known = settings.contexts.map((context) => context.name).join(', ');
  throw new SlipwayError('notFound', `there is no context "${name}"`, {
    fix: known === '' ? `slipway context set ${name} --server URL` : `one of: ${known}`,
  });
}

async function chooseServer(
  env: Shell['env'],
  flags: ServerFlags,
  context: ServerContext | undefined,
): Promise<Pick<ServerAddress, 'server' | 'source'>> {
  if (flags.server !== undefined) return { server: checkUrl(flags.server, '--server'), source: '--server' };
  if (flags.context !== undefined && context !== undefined) return fromContext(context);
  const fromEnv = env['SLIPWAY_SERVER'];
  if (fromEnv) return { server: checkUrl(fromEnv, 'SLIPWAY_SERVER'), source: 'SLIPWAY_SERVER' };
  if (context !== undefined) return fromContext(context);
  const running = await readRunning(env);
  if (running !== undefined) return { server: running, source: runningFile(env) };
  return { server: `http://127.0.0.1:${env['SLIPWAY_PORT'] || '4780'}`, source: 'default' };
}

function fromContext(context: ServerContext): Pick<ServerAddress, 'server' | 'source'> {
  return { server: context.server, source: `context ${context.name}` };
}

function checkUrl(text: string, name: string): string {
  const result = serverSchema.safeParse(text);
  if (result.success) return result.data;
  throw new SlipwayError('invalid', `${name} is not an http or https address: ${text}`, {
    fix: `${name} http://host:4780`,
  });
}

async function readRunning(env: Shell['env']): Promise<string | undefined> {
  const text = await readIfThere(runningFile(env));
  if (text === undefined) return undefined;
  try {
    return runningSchema.parse(JSON.parse(text)).server;
  } catch {
    return undefined;
  }
}

/** A context's token goes to the context's server only, and the local token file to this machine only. */
async function chooseToken(
  env: Shell['env'],
  { flags, context, server }: { flags: ServerFlags; context: ServerContext | undefined; server: string },
): Promise<string | undefined> {
  const given = flags.token ?? (env['SLIPWAY_TOKEN'] || undefined);
  if (given !== undefined) return given;
  if (context?.token !== undefined && new URL(context.server).origin === new URL(server).origin) return context.token;
  if (!isLoopback(server)) return undefined;
  return (await readIfThere(join(slipwayHome(env), 'token')))?.trim();
}

/** Whether an address is of this machine. */
export function isLoopback(server: string): boolean {
  const { hostname } = new URL(server);
  return hostname === 'localhost' || hostname === '[::1]' || /^127(\.\d+){3}$/.test(hostname);
}
