import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import { eventCategories, eventSchema, eventSeverities } from '../../domain/event.ts';
import type { SlipwayEvent } from '../../domain/event.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { apiPath } from '../client.ts';
import type { Query } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { readStream } from '../event-stream.ts';
import { exitCodes } from '../exit-codes.ts';
import type { ExitCode } from '../exit-codes.ts';
import { addListFlags, listFlagsSchema, noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import { printable } from '../output/text.ts';
import { printPages } from '../read-pages.ts';
import { eventView } from '../views.ts';

const filterShape = {
  severity: z.enum(eventSeverities).optional(),
  category: z.enum(eventCategories).optional(),
  operation: z.string().optional(),
  unread: z.boolean().default(false),
};
const listedSchema = z.object({
  ...listFlagsSchema.shape,
  ...filterShape,
  search: z.string().optional(),
  follow: z.boolean().default(false),
});
const changedSchema = z.object({ changed: z.number() });
const markSchema = z.object({ ...filterShape, all: z.boolean().default(false) });

type ListCall = RemoteInvocation<z.infer<typeof listedSchema>>;
type MarkCall = RemoteInvocation<z.infer<typeof markSchema>>;

/** `slipway event …`: what a person may need to know. */
export function addEventCommands(program: Command, runner: Runner): void {
  const event = addGroup(program, {
    name: 'event',
    description: 'Events: what happened, and what to do about it.',
    examples: [
      ['slipway event list --severity error --unread', 'what needs attention'],
      ['slipway event list --follow', 'and what happens from now on'],
      ['slipway event ack evt_01h…', 'somebody looks after it'],
    ],
  });
  addCommand(event, {
    name: 'list',
    description: 'List events, newest first; --follow goes on with new ones as they come.',
    flags: [
      addFilterFlags,
      (command) =>
        command.option('--search <text>', 'only those with these words').option('--follow', 'new events, until Ctrl-C'),
      addListFlags,
    ],
    examples: [
      ['slipway event list --severity error --unread', 'what needs attention'],
      ['slipway event list --follow -o jsonl', 'new ones as they come, for programs'],
    ],
    action: runner.remote(listedSchema, (call) => (call.flags.follow ? followEvents(call) : listEvents(call))),
  });
  addCommand(event, {
    name: 'get',
    description: 'Show an event with its details and what can be done.',
    arguments: { '<event>': 'id of the event' },
    examples: [['slipway event get evt_01h…', 'with actions']],
    action: runner.remote(noFlagsSchema, showEvent),
  });
  addMark(event, runner, {
    name: 'ack',
    route: 'acknowledge',
    description: 'Acknowledge events: you have taken them on.',
  });
  addMark(event, runner, { name: 'dismiss', route: 'dismiss', description: 'Dismiss events: they need nothing.' });
  addMark(event, runner, { name: 'read', route: 'read', description: 'Mark events as read.' });
}

function addFilterFlags(command: Command): Command {
  return command
    .option('--severity <severity>', eventSeverities.join(', '))
    .option('--category <category>', eventCategories.join(', '))
    .option('--operation <id>', 'only of this operation')
    .option('--unread', 'only unread ones');
}

function addMark(
  parent: Command,
  runner: Runner,
  { name, route, description }: { readonly name: string; readonly route: string; readonly description: string },
): void {
  addCommand(parent, {
    name,
    description,
    arguments: { '[event...]': 'ids of events' },
    flags: [(command) => command.option('--all', 'all events that the filters leave'), addFilterFlags],
    examples: [
      [`slipway event ${name} evt_01h… evt_01j…`, 'these'],
      [`slipway event ${name} --all --severity warning`, 'all of a kind'],
    ],
    action: runner.remote(markSchema, (call) => markEvents(call, name, route)),
  });
}

async function listEvents(call: ListCall): Promise<void> {
  const query = { ...filterOf(call.flags), q: call.flags.search };
  await printPages(call, eventView, { item: eventSchema, path: apiPath('events'), query, flags: call.flags });
}

async function followEvents(call: ListCall): Promise<ExitCode> {
  const { client, shell, printer, say } = call;
  const stream = readStream(client, {
    path: apiPath('events', 'stream'),
    query: streamFilterOf(call.flags),
    signal: shell.interrupted,
    onConnection: (connected) => say(connected ? 'connected again' : 'the connection is lost, connecting again …'),
  });
  for await (const { data } of stream) {
    const event = eventSchema.parse(JSON.parse(data));
    if (printer.isForPeople) printer.lines([eventLine(event)]);
    else
      await printer
        .as(printer.format === 'json' ? 'jsonl' : printer.format)
        .list(eventView, { items: [event], nextCursor: null });
  }
  return exitCodes.interrupted;
}

function eventLine(event: SlipwayEvent): string {
  const { time, severity, action, subject, description } = event;
  return `${time} ${severity.padEnd(13)} ${action} ${subject.kind}/${subject.name ?? subject.id}: ${printable(description)}`;
}

async function showEvent({ client, printer, args: [id = ''] }: RemoteInvocation<unknown>): Promise<void> {
  const event = await client.get({ schema: eventSchema, path: apiPath('events', id) });
  const details = event.details === null ? [] : ['', JSON.stringify(event.details, undefined, 2)];
  const actions = event.actions.map(({ label, method, href, body }) => {
    const said = body === undefined ? '' : ` ${printable(JSON.stringify(body))}`;
    return `  ${printable(label)}:  ${method} ${href}${said}`;
  });
  await printer.item(eventView, event, [
    ...details,
    ...(actions.length === 0 ? [] : ['', 'What can be done:', ...actions]),
  ]);
}

async function markEvents(call: MarkCall, name: string, route: string): Promise<void> {
  const { client, flags, args, say } = call;
  if (flags.all === args.length > 0) {
    throw new SlipwayError('invalid', 'name events, or all of them by --all', { fix: `slipway event ${name} --all` });
  }
  const json = flags.all ? { filter: bulkFilterOf(flags) } : { ids: args };
  const { changed } = await client.post({ schema: changedSchema, path: apiPath('events', route), json });
  if (changed < args.length) await expectEvents(call);
  say(flags.all ? 'all of them are marked' : `${args.join(', ')}: done`);
}

/** Throws `notFound` for the first id that no event has: the server only tells how many it marked. */
async function expectEvents({ client, args }: MarkCall): Promise<void> {
  await Promise.all(args.map((id) => client.get({ schema: ignoredSchema, path: apiPath('events', id) })));
}

type FilterFlags = Pick<z.infer<typeof markSchema>, 'severity' | 'category' | 'operation' | 'unread'>;

function filterOf({ unread, ...flags }: FilterFlags): Query {
  return { ...streamFilterOf(flags), status: unread ? 'unread' : undefined };
}

/** New events are all unread: a stream has no filter for that. */
function streamFilterOf({ severity, category, operation }: Omit<FilterFlags, 'unread'>): Query {
  return { severity, category, operation };
}

function bulkFilterOf({ severity, category, operation, unread }: FilterFlags): unknown {
  return {
    severity: severity === undefined ? undefined : [severity],
    category: category === undefined ? undefined : [category],
    operation,
    status: unread ? 'unread' : undefined,
  };
}
