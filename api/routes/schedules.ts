import { createRoute, z } from '@hono/zod-openapi';
import { SlipwayError } from '../../domain/errors.ts';
import {
  overlapChoices,
  type Schedule,
  scheduleNameSchema,
  scheduleOptionsSchema,
  scheduleRunsSchema,
  scheduleSchema,
  scheduleTimingSchema,
} from '../../domain/registry/schedule.ts';
import {
  changeSchedule,
  createSchedule,
  deleteSchedule,
  listSchedules,
  requireSchedule,
} from '../../infra/database/registry/schedules.ts';
import { backfillSchedule, triggerSchedule } from '../../infra/temporal/schedules.ts';
import type { Database } from '../../infra/database/database.ts';
import { createRouter, type RouteDeps } from '../context.ts';
import { askForRuns, carryOver, forget, readRuns, toScheduleBody } from '../schedules.ts';
import { jsonAnswer, jsonBody, nameOrIdSchema, pageAnswer, pageQuery } from '../schemas.ts';
import { requireSources } from '../source-checks.ts';

const tags = ['schedules'];
const params = z.object({ schedule: nameOrIdSchema });

const linksBody = z.object({ self: z.string(), trigger: z.string(), pause: z.string(), resume: z.string() });
const scheduleBody = scheduleSchema.extend({ links: linksBody }).openapi('Schedule');
const scheduleDetailsBody = scheduleBody.extend(scheduleRunsSchema.shape).openapi('ScheduleDetails');
const newScheduleBody = z
  .strictObject({
    name: scheduleNameSchema,
    timing: scheduleTimingSchema,
    options: scheduleOptionsSchema,
    paused: z.boolean().default(false),
  })
  .openapi('NewSchedule');
const scheduleChangeBody = z
  .strictObject({
    name: scheduleNameSchema.optional(),
    timing: scheduleTimingSchema.optional(),
    options: scheduleOptionsSchema.optional(),
  })
  .openapi('ScheduleChange');
const backfillBody = z
  .strictObject({
    from: z.iso.datetime({ offset: true }),
    to: z.iso.datetime({ offset: true }),
    overlap: z.enum(overlapChoices).default('bufferAll'),
  })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { message: 'it ends before it starts', path: ['to'] })
  .refine(({ to }) => Date.parse(to) <= Date.now(), { message: 'that time is not over', path: ['to'] })
  .openapi('Backfill');

const list = createRoute({
  method: 'get',
  path: '/v1/schedules',
  operationId: 'listSchedules',
  summary: 'Schedules by name',
  tags,
  request: { query: z.strictObject(pageQuery) },
  responses: { 200: pageAnswer(scheduleBody) },
});

const create = createRoute({
  method: 'post',
  path: '/v1/schedules',
  operationId: 'createSchedule',
  summary: 'Generates models from the same sources again and again, by cron, at intervals, or as clusters change',
  tags,
  request: { body: jsonBody(newScheduleBody) },
  responses: { 201: jsonAnswer('The schedule', scheduleBody) },
});

const get = createRoute({
  method: 'get',
  path: '/v1/schedules/{schedule}',
  operationId: 'getSchedule',
  summary: 'A schedule, with its last and next runs',
  tags,
  request: { params },
  responses: { 200: jsonAnswer('The schedule', scheduleDetailsBody) },
});

const change = createRoute({
  method: 'patch',
  path: '/v1/schedules/{schedule}',
  operationId: 'changeSchedule',
  summary: 'Changes what is given, as a whole; a run that goes on is not changed',
  tags,
  request: { params, body: jsonBody(scheduleChangeBody) },
  responses: { 200: jsonAnswer('The schedule', scheduleBody) },
});

const remove = createRoute({
  method: 'delete',
  path: '/v1/schedules/{schedule}',
  operationId: 'deleteSchedule',
  summary: 'Forgets a schedule; a run that goes on goes on',
  tags,
  request: { params },
  responses: { 204: { description: 'It is gone' } },
});

const pauseRoute = (verb: 'pause' | 'resume', summary: string) =>
  createRoute({
    method: 'post',
    path: `/v1/schedules/{schedule}/${verb}`,
    operationId: `${verb}Schedule`,
    summary,
    tags,
    request: { params },
    responses: { 200: jsonAnswer('The schedule', scheduleBody) },
  });

const trigger = createRoute({
  method: 'post',
  path: '/v1/schedules/{schedule}/trigger',
  operationId: 'triggerSchedule',
  summary: 'Runs it now, as its overlap policy allows',
  tags,
  request: { params },
  responses: { 202: jsonAnswer('Asked to; its run comes to be listed within a moment', scheduleBody) },
});

const backfill = createRoute({
  method: 'post',
  path: '/v1/schedules/{schedule}/backfill',
  operationId: 'backfillSchedule',
  summary: 'Makes up for the runs that were due in a time that is over',
  tags,
  request: { params, body: jsonBody(backfillBody) },
  responses: { 202: jsonAnswer('Asked to', scheduleBody) },
});

/** Schedules: the same generation again and again. The database says what they are, Temporal keeps the time. */
export function scheduleRoutes(deps: RouteDeps) {
  return editingRoutes(deps).route('/', runningRoutes(deps));
}

function editingRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(list, async (c) => {
      const { items, nextCursor } = await listSchedules(database, c.req.valid('query'));
      return c.json({ items: items.map(toScheduleBody), nextCursor }, 200);
    })
    .openapi(create, async (c) => {
      const body = c.req.valid('json');
      await requireUsable(database, body);
      const schedule = await createSchedule(database, { ...body, actor: c.var.actor });
      try {
        await carryOver(deps, schedule);
      } catch (error) {
        await deleteSchedule(database, schedule.id);
        throw error;
      }
      return c.json(toScheduleBody(schedule), 201, { Location: `/v1/schedules/${schedule.id}` });
    })
    .openapi(get, async (c) => {
      const schedule = await requireSchedule(database, c.req.valid('param').schedule);
      return c.json({ ...toScheduleBody(schedule), ...(await readRuns(deps, schedule)) }, 200);
    })
    .openapi(change, async (c) => {
      const current = await requireSchedule(database, c.req.valid('param').schedule);
      const { timing = current.timing, options = current.options, name } = c.req.valid('json');
      await requireUsable(database, { timing, options });
      return c.json(toScheduleBody(await store(deps, current.id, { name, timing, options })), 200);
    })
    .openapi(remove, async (c) => {
      const schedule = await requireSchedule(database, c.req.valid('param').schedule);
      await deleteSchedule(database, schedule.id);
      await forget(deps, schedule);
      return c.body(null, 204);
    });
}

function runningRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(pauseRoute('pause', 'Runs no more until it is resumed; a run that goes on goes on'), async (c) =>
      c.json(await setPaused(deps, c.req.valid('param').schedule, true), 200),
    )
    .openapi(pauseRoute('resume', 'Runs again from now on'), async (c) =>
      c.json(await setPaused(deps, c.req.valid('param').schedule, false), 200),
    )
    .openapi(trigger, async (c) => {
      const schedule = await requireSchedule(database, c.req.valid('param').schedule);
      await askForRuns(deps, schedule, (temporal) => triggerSchedule(temporal, schedule));
      return c.json(toScheduleBody(schedule), 202);
    })
    .openapi(backfill, async (c) => {
      const schedule = await requireSchedule(database, c.req.valid('param').schedule);
      requireTimes(schedule);
      await askForRuns(deps, schedule, (temporal) => backfillSchedule(temporal, schedule.id, c.req.valid('json')));
      return c.json(toScheduleBody(schedule), 202);
    });
}

async function setPaused(deps: RouteDeps, reference: string, paused: boolean) {
  const { id } = await requireSchedule(deps.database, reference);
  return toScheduleBody(await store(deps, id, { paused }));
}

type ScheduleInput = Pick<Schedule, 'timing' | 'options'>;

/** Throws SlipwayError `invalid` for sources that name what is not there, or that cannot change on their own. */
async function requireUsable(database: Database, { timing, options: { sources } }: ScheduleInput): Promise<void> {
  await requireSources(database, sources, ['options', 'sources']);
  if (timing.onChange !== true || sources.some(({ kind }) => kind === 'cluster')) return;
  const message = 'none of the sources is a cluster, whose kinds could change';
  const finding = {
    severity: 'error',
    code: 'schedule.nothingToWatch',
    path: 'body.options.sources',
    message,
  } as const;
  throw new SlipwayError('invalid', 'the schedule would never run', {
    findings: [finding],
    fix: 'Add a cluster, or run it by `cron` or `every`.',
  });
}

/** Throws SlipwayError `invalid` for a schedule that runs at no times. */
function requireTimes({ name, timing }: Schedule): void {
  if (timing.onChange !== true) return;
  throw new SlipwayError('invalid', `${name} runs when kinds change: there are no times to make up for`, {
    fix: `Run it once: POST /v1/schedules/${name}/trigger`,
  });
}

/** Stores a change and tells Temporal. A change that Temporal refuses is taken back. */
async function store(deps: RouteDeps, id: string, changes: Parameters<typeof changeSchedule>[2]): Promise<Schedule> {
  const before = await requireSchedule(deps.database, id);
  const schedule = await changeSchedule(deps.database, id, changes);
  try {
    await carryOver(deps, schedule);
  } catch (error) {
    const { name, timing, options, paused } = before;
    await changeSchedule(deps.database, id, { name, timing, options, paused });
    throw error;
  }
  return schedule;
}
