import { chmod, mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { parse, stringify } from 'yaml';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import type { Shell } from './shell.ts';

const contextSchema = z.strictObject({
  name: z.string().min(1),
  server: z.url({ protocol: /^https?$/ }),
  token: z.string().optional(),
});

const settingsSchema = z.strictObject({
  current: z.string().optional(),
  contexts: z.array(contextSchema).default([]),
});

/** A server that the CLI knows by a name, with the token for it. */
export type ServerContext = z.infer<typeof contextSchema>;
export type Settings = z.infer<typeof settingsSchema>;

/** Where contexts are kept: SLIPWAY_CONFIG, or config.yaml under the XDG directory. */
export function settingsPath(env: Shell['env']): string {
  if (env['SLIPWAY_CONFIG']) return env['SLIPWAY_CONFIG'];
  return join(env['XDG_CONFIG_HOME'] || join(homeDirectory(env), '.config'), 'slipway', 'config.yaml');
}

export function homeDirectory(env: Shell['env']): string {
  return env['HOME'] || homedir();
}

/** The contexts as stored; none where there is no file. Throws `invalid` for a file that is not ours. */
export async function readSettings(env: Shell['env']): Promise<Settings> {
  const path = settingsPath(env);
  const text = await readIfThere(path);
  if (text === undefined) return { contexts: [] };
  const result = settingsSchema.safeParse(parseYaml(path, text) ?? {});
  if (result.success) return result.data;
  throw new SlipwayError('invalid', `${path} is not a settings file of slipway`, {
    fix: `correct or remove ${path}`,
    findings: result.error.issues.map(({ message, path: place }) => ({
      severity: 'error',
      code: 'settings.invalid',
      message,
      path: place.join('.'),
      file: path,
    })),
  });
}

/** Stores the contexts, readable by their owner only, as they hold tokens. */
export async function writeSettings(env: Shell['env'], settings: Settings): Promise<void> {
  const path = settingsPath(env);
  await mkdir(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${process.pid}`;
  await writeFile(draft, stringify(settings), { mode: 0o600 });
  await chmod(draft, 0o600);
  await rename(draft, path);
}

/** The text of a file, or undefined where there is none. */
export async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw new SlipwayError('invalid', `cannot read ${path}`, { cause: error, fix: `make ${path} readable` });
  }
}

function parseYaml(path: string, text: string): unknown {
  try {
    return parse(text);
  } catch (error) {
    throw new SlipwayError('invalid', `${path} is not YAML`, { cause: error, fix: `correct or remove ${path}` });
  }
}
