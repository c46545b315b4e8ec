import { Option } from 'commander';
import type { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../../domain/errors.ts';
import {
  describeTiming,
  overlapChoices,
  type Schedule,
  scheduleRunsSchema,
  scheduleSchema,
  scheduleTimingSchema,
} from '../../domain/registry/schedule.ts';
import { describeSource } from '../../domain/registry/model-source.ts';
import { ignoredSchema } from '../api-schemas.ts';
import { apiPath } from '../client.ts';
import { addCommand, addGroup } from '../command.ts';
import { confirm } from '../confirm.ts';
import { formatAge } from '../duration.ts';
import { addListFlags, listFlagsSchema, noFlagsSchema } from '../flags.ts';
import type { RemoteInvocation, Runner } from '../invocation.ts';
import type { View } from '../output/printer.ts';
import { count } from '../output/text.ts';
import { printPages } from '../read-pages.ts';
import {
  addModelFlags,
  addReadingFlags,
  addSourceFlags,
  collect,
  sourceFlagsSchema,
  sourcesOf,
} from '../source-flags.ts';

const timingFlagsSchema = z.object({
  cron: z.array(z.string()).optional(),
  every: z.string().optional(),
  onChange: z.literal(true).optional(),
  timeZone: z.string().optional(),
  overlap: z.enum(overlapChoices).optional(),
  jitter: z.string().optional(),
  catchupWindow: z.string().optional(),
  startAt: z.string().optional(),
  endAt: z.string().optional(),
});
const createFlagsSchema = z.object({
  ...timingFlagsSchema.shape,
  ...sourceFlagsSchema.shape,
  paused: z.boolean().default(false),
});
const backfillFlagsSchema = z.object({
  from: z.string(),
  to: z.string().optional(),
  overlap: z.enum(overlapChoices).optional(),
});
const scheduleDetailsSchema = scheduleSchema.extend(scheduleRunsSchema.shape);

const scheduleArgument = { '<schedule>': 'name or id' };

const scheduleView: View<Schedule> = {
  noun: 'schedule',
  name: (item) => item.name,
  columns: [
    { title: 'NAME', value: (item) => item.name },
    { title: 'RUNS', value: (item) => describeTiming(item.timing) },
    { title: 'STATE', value: (item) => (item.paused ? 'paused' : 'active') },
    { title: 'OVERLAP', value: (item) => item.timing.overlap, wide: true },
    { title: 'SOURCES', value: (item) => sourcesText(item) },
    { title: 'ID', value: (item) => item.id, wide: true },
    { title: 'AGE', value: (item, nowMs) => formatAge(item.createdAt, nowMs) },
  ],
};

/** `slipway schedule …`: models made again and again of the same sources. */
export function addScheduleCommands(program: Command, runner: Runner): void {
  const schedule = addGroup(program, {
    name: 'schedule',
    description: 'Schedules: make models of the same sources again and again. Unchanged ones cost one request.',
    examples: [
      ["slipway schedule create nightly --cron '0 3 * * *' --from-file sources.yaml", 'at 3 a.m.'],
      ['slipway schedule get nightly', 'when it ran and when it runs next'],
      ['slipway schedule trigger nightly', 'now'],
    ],
  });
  addReading(schedule, runner);
  addCreate(schedule, runner);
  addSwitch(schedule, runner, { name: 'pause', description: 'Let a schedule run no more until it is resumed.' });
  addSwitch(schedule, runner, { name: 'resume', description: 'Let a paused schedule run again from now on.' });
  addSwitch(schedule, runner, {
    name: 'trigger',
    description: 'Run a schedule now, paused or not, as its overlap policy allows.',
  });
  addBackfill(schedule, runner);
  addCommand(schedule, {
    name: 'delete',
    description: 'Forget a schedule. A run that goes on goes on; what it stored stays.',
    arguments: scheduleArgument,
    examples: [['slipway schedule delete nightly --yes', 'without a question']],
    action: runner.remote(noFlagsSchema, deleteSchedule),
  });
}

function addReading(schedule: Command, runner: Runner): void {
  addCommand(schedule, {
    name: 'list',
    description: 'List schedules.',
    flags: [addListFlags],
    examples: [['slipway schedule list -o wide', 'with ids and overlap policies']],
    action: runner.remote(listFlagsSchema, (call) =>
      printPages(call, scheduleView, { item: scheduleSchema, path: apiPath('schedules'), flags: call.flags }),
    ),
  });
  addCommand(schedule, {
    name: 'get',
    description: 'Show a schedule with its last and next runs.',
    arguments: scheduleArgument,
    examples: [
      ['slipway schedule get nightly', 'when it ran and when it runs next'],
      ['slipway schedule get nightly -o yaml', 'with its sources'],
    ],
    action: runner.remote(noFlagsSchema, showSchedule),
  });
}

function addCreate(schedule: Command, runner: Runner): void {
  addCommand(schedule, {
    name: 'create',
    description: 'Make models of the same sources by cron, at intervals, or as the kinds of a cluster change.',
    arguments: { '<name>': 'lower-case letters, digits and "-"' },
    flags: [addTimingFlags, addReadingFlags, addSourceFlags, addModelFlags],
    examples: [
      [
        "slipway schedule create nightly --cron '0 3 * * *' --time-zone Europe/Berlin --from-file sources.yaml",
        'at 3 a.m.',
      ],
      [
        'slipway schedule create certs --every 6h --jitter 10m --chart https://charts.jetstack.io/cert-manager',
        'at intervals',
      ],
      ['slipway schedule create prod-kinds --on-change -c prod', 'when definitions of the cluster come, change or go'],
    ],
    action: runner.remote(createFlagsSchema, createSchedule),
  });
}

function addTimingFlags(command: Command): Command {
  return command
    .optionsGroup('When it runs, one of the first three:')
    .option('--cron <expression>', 'five fields: minute, hour, day, month, weekday; as often as wanted', collect)
    .option('--every <duration>', 'an interval, as 90s, 10m or 1h30m')
    .option('--on-change', 'when kinds of its clusters come, change or go')
    .option('--time-zone <name>', 'in which cron expressions are read, as Europe/Berlin (default: UTC)')
    .addOption(
      new Option('--overlap <what>', 'a run that is due while another goes on (default: skip)').choices(overlapChoices),
    )
    .option('--jitter <duration>', 'up to so much later, at random')
    .option('--catchup-window <duration>', 'leave out runs that were missed for longer (default: 1h)')
    .option('--start-at <time>', 'not before this time, as 2027-01-01T00:00:00Z')
    .option('--end-at <time>', 'not after this time')
    .option('--paused', 'do not run before it is resumed');
}

function addSwitch(
  schedule: Command,
  runner: Runner,
  { name, description }: { readonly name: 'pause' | 'resume' | 'trigger'; readonly description: string },
): void {
  addCommand(schedule, {
    name,
    description,
    arguments: scheduleArgument,
    examples: [[`slipway schedule ${name} nightly`, 'then: slipway schedule get nightly']],
    action: runner.remote(noFlagsSchema, async ({ client, say, args: [id = ''] }) => {
      await client.post({ schema: ignoredSchema, path: apiPath('schedules', id, name) });
      say(`asked to ${name}: slipway schedule get ${id}`);
    }),
  });
}

function addBackfill(schedule: Command, runner: Runner): void {
  addCommand(schedule, {
    name: 'backfill',
    description: 'Make up for the runs that were due in a time that is over, one after another.',
    arguments: scheduleArgument,
    flags: [
      (command) =>
        command
          .requiredOption('--from <time>', 'the beginning, as 2027-01-01T00:00:00Z')
          .option('--to <time>', 'the end (default: now)')
          .addOption(new Option('--overlap <what>', 'instead of the policy of the schedule').choices(overlapChoices)),
    ],
    examples: [['slipway schedule backfill nightly --from 2027-01-01T00:00:00Z --to 2027-01-03T00:00:00Z', 'two days']],
    action: runner.remote(backfillFlagsSchema, async ({ client, say, flags, args: [id = ''] }) => {
      const { from, to = new Date().toISOString(), overlap } = flags;
      const json = { from, to, ...(overlap === undefined ? {} : { overlap }) };
      await client.post({ schema: ignoredSchema, path: apiPath('schedules', id, 'backfill'), json });
      say(`asked to make up for it: slipway schedule get ${id}`);
    }),
  });
}

async function createSchedule(call: RemoteInvocation<z.infer<typeof createFlagsSchema>>): Promise<void> {
  const { client, printer, flags, shell, args } = call;
  const { partial, force, paused } = flags;
  const schedule = await client.post({
    schema: scheduleSchema,
    path: apiPath('schedules'),
    json: {
      name: args[0] ?? '',
      timing: readTiming(flags),
      options: { sources: await sourcesOf(shell, flags), partial, force },
      paused,
    },
  });
  if (!printer.isForPeople) return printer.item(scheduleView, schedule);
  printer.lines([`schedule ${schedule.name}  ${describeTiming(schedule.timing)}`]);
}

/** Checked as the server does, so that what is wrong is told before anything is sent. */
function readTiming(flags: z.infer<typeof timingFlagsSchema>) {
  const given = Object.entries(timingFlagsSchema.parse(flags)).filter(([, value]) => value !== undefined);
  const result = scheduleTimingSchema.safeParse(Object.fromEntries(given));
  if (result.success) return result.data;
  throw new SlipwayError('invalid', z.prettifyError(result.error), { fix: 'see slipway schedule create --help' });
}

async function showSchedule({ client, printer, args: [id = ''] }: RemoteInvocation<unknown>): Promise<void> {
  const schedule = await client.get({ schema: scheduleDetailsSchema, path: apiPath('schedules', id) });
  const { nextRuns, lastRuns, skippedRuns, options } = schedule;
  await printer.item(scheduleView, schedule, [
    ...options.sources.map((source) => `  ${describeSource(source)}`),
    ...(lastRuns.length === 0 ? [] : ['last runs:']),
    ...lastRuns.map(({ operationId, state, startedAt }) => `  ${startedAt}  ${state}  ${operationId}`),
    ...(skippedRuns === 0 ? [] : [`  ${count(skippedRuns, 'run')} left out`]),
    ...(nextRuns.length === 0 ? [] : ['next runs:']),
    ...nextRuns.map((time) => `  ${time}`),
  ]);
}

async function deleteSchedule(call: RemoteInvocation<unknown>): Promise<void> {
  const [id = ''] = call.args;
  await confirm(call, `Forget schedule ${id}`);
  await call.client.delete({ schema: ignoredSchema, path: apiPath('schedules', id) });
  call.say(`schedule ${id} is gone`);
}

function sourcesText({ options: { sources } }: Schedule): string {
  const [only] = sources;
  return only !== undefined && sources.length === 1 ? describeSource(only) : count(sources.length, 'source');
}
