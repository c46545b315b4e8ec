import { execFile } from 'node:child_process';
import { stat, statfs } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { connectionSchema } from '../../domain/connection.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { stateHome } from '../../infra/runtime/state-directory.ts';
import { findTemporalProblem } from '../../infra/runtime/temporal-check.ts';
import { apiPath, Client } from '../client.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import type { Invocation } from '../invocation.ts';
import type { View } from '../output/printer.ts';
import { printable } from '../output/text.ts';
import { readPages } from '../read-pages.ts';
import { findServer } from '../server-address.ts';
import { settingsPath } from '../settings.ts';
import type { Shell } from '../shell.ts';
import { readReadiness } from './status.ts';

const nodeMajorMin = 24;
/** Room for the programs that are built, and for data. */
const freeBytesMin = 3e9;
const run = promisify(execFile);

/** `warning` is something that only some uses need. */
type Check = {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'failed';
  readonly found: string;
  readonly fix?: string;
};

const checkView: View<Check> = {
  noun: 'check',
  name: (item) => item.check,
  columns: [
    {
      title: 'RESULT',
      value: (item) => item.result,
      colour: (item) => ({ ok: 'green', warning: 'yellow', failed: 'red' } as const)[item.result],
    },
    { title: 'CHECK', value: (item) => item.check },
    { title: 'FOUND', value: (item) => printable(item.found) },
    { title: 'FIX', value: (item) => (item.result === 'ok' ? '' : (item.fix ?? '')) },
  ],
};

/** Checks this machine, the settings and the server; exit 1 where something that is needed is missing. */
export async function doctor(call: Invocation<unknown>): Promise<ExitCode> {
  const { shell } = call;
  const items = [
    checkNode(),
    await checkGo(),
    await checkSpace(shell),
    await checkPrivate('settings file', settingsPath(shell.env)),
    await checkPrivate('token file', join(stateHome(shell.env), 'token')),
    ...(await checkOwnTemporal(shell)),
    ...(await checkServer(call)),
  ];
  await call.printer.list(checkView, { items, nextCursor: null });
  return items.some((item) => item.result === 'failed') ? exitCodes.failed : exitCodes.ok;
}

function checkNode(): Check {
  const major = Number.parseInt(process.versions.node, 10);
  const result = major >= nodeMajorMin ? 'ok' : 'failed';
  return { check: 'Node', result, found: process.versions.node, fix: 'npm install brings Node 24' };
}

async function checkGo(): Promise<Check> {
  const fix = 'install Go, or download the programs: npm start tells how';
  try {
    const { stdout } = await run('go', ['version']);
    return { check: 'Go', result: 'ok', found: stdout.trim() };
  } catch {
    return { check: 'Go', result: 'warning', found: 'none: a development cluster cannot be built here', fix };
  }
}

async function checkSpace({ env }: Shell): Promise<Check> {
  const home = stateHome(env);
  const { bavail, bsize } = await statfs(await existingFolder(home));
  const freeBytes = bavail * bsize;
  const found = `${(freeBytes / 1e9).toFixed(1)} GB free for ${home}`;
  return {
    check: 'disk',
    result: freeBytes > freeBytesMin ? 'ok' : 'warning',
    found,
    fix: 'free 3 GB, or move SLIPWAY_HOME',
  };
}

async function existingFolder(folder: string): Promise<string> {
  const found = await stat(folder).catch(() => undefined);
  return found === undefined && dirname(folder) !== folder ? existingFolder(dirname(folder)) : folder;
}

async function checkPrivate(check: string, file: string): Promise<Check> {
  const found = await stat(file).catch(() => undefined);
  if (found === undefined) return { check, result: 'ok', found: `none (${file})` };
  const mode = (found.mode & 0o777).toString(8).padStart(4, '0');
  const result = (found.mode & 0o077) === 0 ? 'ok' : 'failed';
  return { check, result, found: `${file} has mode ${mode}`, fix: `chmod 600 ${file}` };
}

/** The Temporal server that this environment names, as a server started here would reach it. */
async function checkOwnTemporal({ env }: Shell): Promise<readonly Check[]> {
  if (!env['TEMPORAL_ADDRESS']) return [];
  const problem = await findTemporalProblem(env);
  const check = 'Temporal';
  if (problem === undefined) return [{ check, result: 'ok', found: `${env['TEMPORAL_ADDRESS']} answers` }];
  const found = [problem.message, ...problem.findings.map(({ path, message }) => `${path}: ${message}`)].join('; ');
  return [{ check, result: 'failed', found, ...(problem.fix === undefined ? {} : { fix: problem.fix }) }];
}

/** The server, its parts and its clusters, as far as they answer. */
async function checkServer({ shell, globals }: Invocation<unknown>): Promise<readonly Check[]> {
  try {
    const address = await findServer(shell, globals);
    const client = new Client(address, shell.interrupted);
    const { parts } = await readReadiness(client);
    const { items } = await readPages(client, { item: connectionSchema, path: apiPath('connections') });
    return [
      { check: 'server', result: 'ok', found: `${address.server} (${address.source})` },
      ...Object.entries(parts).map(([name, state]): Check => {
        return {
          check: `server: ${name}`,
          result: state === 'up' ? 'ok' : 'failed',
          found: state,
          fix: 'slipway event list',
        };
      }),
      ...items.map(({ name, status, message }): Check => {
        const result = status === 'disconnected' || status === 'not found' ? 'failed' : 'ok';
        return {
          check: `connection ${name}`,
          result,
          found: message ?? status,
          fix: `slipway connection test ${name}`,
        };
      }),
    ];
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    const result = error.code === 'unavailable' ? 'warning' : 'failed';
    return [{ check: 'server', result, found: error.message, fix: error.fix ?? 'slipway up' }];
  }
}
