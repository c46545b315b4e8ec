import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { addCommand, addGroup } from '../command.ts';
import { noFlagsSchema } from '../flags.ts';
import type { Invocation, Runner } from '../invocation.ts';
import type { View } from '../output/printer.ts';
import { findContext, findServer } from '../server-address.ts';
import { readSettings, settingsPath, writeSettings } from '../settings.ts';
import type { ServerContext } from '../settings.ts';
import { readAll } from '../shell.ts';

const setSchema = z.object({ tokenStdin: z.boolean().default(false) });
const contextArgument = { '<name>': 'name of the context' };

type ShownContext = {
  readonly name: string;
  readonly server: string;
  readonly token: string;
  readonly current: boolean;
};

const contextView: View<ShownContext> = {
  noun: 'context',
  name: (item) => item.name,
  columns: [
    { title: 'CURRENT', value: (item) => (item.current ? '*' : '') },
    { title: 'NAME', value: (item) => item.name },
    { title: 'SERVER', value: (item) => item.server },
    { title: 'TOKEN', value: (item) => item.token },
  ],
};

/** `slipway context …`: the servers that this program knows. */
export function addContextCommands(program: Command, runner: Runner): void {
  const context = addGroup(program, {
    name: 'context',
    description: 'Contexts: Slipway servers by name, with their tokens (file mode 0600).',
    examples: [
      [
        'slipway context set prod --server https://slipway.example.com --token-stdin < token',
        'a server with its token',
      ],
      ['slipway context use prod', 'until another is used'],
    ],
  });
  addCommand(context, {
    name: 'list',
    description: 'List the stored servers.',
    examples: [['slipway context list', 'the current one is marked']],
    action: runner.local(noFlagsSchema, async ({ shell, printer }) => {
      const { contexts, current } = await readSettings(shell.env);
      const items = contexts.map((one) => shown(one, current));
      return printer.list(contextView, { items, nextCursor: null });
    }),
  });
  addCommand(context, {
    name: 'use',
    description: 'Talk to this server from now on.',
    arguments: contextArgument,
    examples: [['slipway context use prod', 'until another is used']],
    action: runner.local(noFlagsSchema, async ({ shell, say, args: [name = ''] }) => {
      const settings = await readSettings(shell.env);
      await writeSettings(shell.env, { ...settings, current: findContext(settings, name).name });
      say(`the current context is ${name}`);
    }),
  });
  addCommand(context, {
    name: 'set',
    description: 'Store a server under a name, or change it. The address is taken from --server.',
    arguments: contextArgument,
    flags: [
      (command) => command.option('--token-stdin', 'read its token from stdin, so that no shell history keeps it'),
    ],
    examples: [
      ['slipway context set prod --server https://slipway.example.com --token-stdin < token', 'with its token'],
      ['slipway context set local --server http://127.0.0.1:4780', 'a local one needs no token here'],
    ],
    action: runner.local(setSchema, setContext),
  });
  addContextReading(context, runner);
}

function addContextReading(context: Command, runner: Runner): void {
  addCommand(context, {
    name: 'show',
    description: 'Show which server is used now, and why.',
    examples: [['slipway context show', 'flag, environment, context or the local one']],
    action: runner.local(noFlagsSchema, async ({ shell, globals, printer }) => {
      const { server, token, source } = await findServer(shell, globals);
      const answer = { server, source, token: token === undefined ? 'none' : 'set', file: settingsPath(shell.env) };
      if (!printer.isForPeople) return printer.data(answer);
      printer.lines(Object.entries(answer).map(([label, value]) => `${label}: ${value}`));
    }),
  });
  addCommand(context, {
    name: 'delete',
    description: 'Forget a server and its token.',
    arguments: contextArgument,
    examples: [['slipway context delete old', 'the server itself is not touched']],
    action: runner.local(noFlagsSchema, async ({ shell, say, args: [name = ''] }) => {
      const { contexts, current } = await readSettings(shell.env);
      findContext({ contexts }, name);
      const left = contexts.filter((one) => one.name !== name);
      await writeSettings(shell.env, {
        contexts: left,
        ...(current === undefined || current === name ? {} : { current }),
      });
      say(`context ${name} is forgotten`);
    }),
  });
}

async function setContext(call: Invocation<z.infer<typeof setSchema>>): Promise<void> {
  const { shell, globals, say } = call;
  const [name = ''] = call.args;
  const settings = await readSettings(shell.env);
  const before = settings.contexts.find((one) => one.name === name);
  const server = globals.server ?? before?.server;
  if (server === undefined) {
    throw new SlipwayError('invalid', `context ${name} needs an address`, {
      fix: `slipway context set ${name} --server URL`,
    });
  }
  const token = (await givenToken(call)) ?? before?.token;
  const changed = { name, server, ...(token === undefined ? {} : { token }) };
  const contexts = [...settings.contexts.filter((one) => one.name !== name), changed];
  await writeSettings(shell.env, { contexts, current: settings.current ?? name });
  say(`context ${name} is ${server}${settings.current === undefined ? ', and the current one' : ''}`);
}

async function givenToken(call: Invocation<z.infer<typeof setSchema>>): Promise<string | undefined> {
  if (!call.flags.tokenStdin) return call.globals.token;
  return (await readAll(call.shell.stdin)).toString('utf8').trim() || undefined;
}

function shown({ name, server, token }: ServerContext, current: string | undefined): ShownContext {
  return { name, server, token: token === undefined ? '' : 'set', current: name === current };
}
