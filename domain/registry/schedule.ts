import { z } from 'zod';
import { cronProblem } from '../cron.ts';
import { durationSeconds } from '../duration.ts';
import type { WorkflowType } from '../operation-workflow.ts';
import { generationOptionsSchema } from './generation.ts';

/** What becomes of a run that is due while the one before goes on. */
export const overlapChoices = ['skip', 'bufferOne', 'bufferAll', 'cancelOther', 'allowAll'] as const;

const duration = z
  .string()
  .max(50)
  .refine((text) => durationSeconds(text) !== undefined, 'a duration such as 90s, 10m or 1h30m');

const cronExpression = z
  .string()
  .max(200)
  .superRefine((text, context) => {
    const problem = cronProblem(text);
    if (problem !== undefined) context.addIssue({ code: 'custom', message: `no cron expression: ${problem}` });
  });

/** When a schedule runs: by cron expressions, at intervals, or when the kinds of its clusters change. */
export const scheduleTimingSchema = z
  .strictObject({
    cron: z.array(cronExpression).min(1).max(20).optional(),
    /** An interval, counted from midnight of 1 January 1970. */
    every: duration.refine((text) => (durationSeconds(text) ?? 1) > 0, 'more than nothing').optional(),
    onChange: z.literal(true).optional(),
    /** An IANA name; cron expressions are read in it. */
    timeZone: z.string().max(100).refine(isTimeZone, 'an IANA time zone such as Europe/Berlin').default('UTC'),
    overlap: z.enum(overlapChoices).default('skip'),
    /** Up to so much later, at random, so that many schedules do not start at once. */
    jitter: duration.optional(),
    /** Runs that were missed for longer, because the server was away, are left out. */
    catchupWindow: duration.default('1h'),
    startAt: z.iso.datetime({ offset: true }).optional(),
    endAt: z.iso.datetime({ offset: true }).optional(),
  })
  .refine(
    ({ cron, every, onChange }) => [cron, every, onChange].filter((one) => one !== undefined).length === 1,
    'exactly one of cron, every and onChange is needed',
  )
  .refine(
    ({ startAt, endAt }) => startAt === undefined || endAt === undefined || Date.parse(startAt) < Date.parse(endAt),
    {
      message: 'it ends before it starts',
      path: ['endAt'],
    },
  );

export const scheduleNameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'lower-case letters, digits and "-"')
  .max(63);

/** What a schedule generates from: what can be read again and again. */
export const scheduleOptionsSchema = generationOptionsSchema
  .omit({ scheduleId: true })
  .superRefine(({ sources }, context) => {
    for (const [index, { kind }] of sources.entries()) {
      if (kind !== 'upload' && kind !== 'draft') continue;
      const message = `${kind === 'upload' ? 'an upload' : 'a draft'} is there once: a schedule cannot read it again`;
      context.addIssue({ code: 'custom', path: ['sources', index, 'kind'], message });
    }
  });

/** A schedule as it is stored. Temporal keeps the time; whether it is paused is kept here too. */
export const scheduleSchema = z.object({
  id: z.string(),
  name: scheduleNameSchema,
  timing: scheduleTimingSchema,
  options: generationOptionsSchema,
  paused: z.boolean(),
  actor: z.string(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** What is behind and ahead of a schedule. */
export const scheduleRunsSchema = z.object({
  nextRuns: z.array(z.iso.datetime()),
  /** Newest first. */
  lastRuns: z.array(z.object({ operationId: z.string(), state: z.string(), startedAt: z.iso.datetime() })),
  /** Runs that were left out, because the one before went on or because the server was away for too long. */
  skippedRuns: z.number().int(),
});

export type ScheduleTiming = z.infer<typeof scheduleTimingSchema>;
export type Schedule = z.infer<typeof scheduleSchema>;
export type ScheduleRuns = z.infer<typeof scheduleRunsSchema>;
export type OverlapChoice = (typeof overlapChoices)[number];

/** One run of a schedule, as Temporal started it. */
export type ScheduledRun = { readonly scheduleId: string; readonly runId: string; readonly startedAt: string };

/** The watch of a schedule that runs when kinds change: `after` is what the last run has seen. */
export type ScheduleWatch = { readonly scheduleId: string; readonly after?: string | undefined };

/** What the clusters of a schedule serve now: a digest that changes with it. */
export type ClusterChange = { readonly digest: string };

/** The operation of a run, and the workflow that carries it out. */
export type ScheduledOperation = {
  readonly operationId: string;
  readonly workflowId: string;
  readonly workflowType: WorkflowType;
};

/** A schedule's timing in a few words. */
export function describeTiming({ cron, every, timeZone }: ScheduleTiming): string {
  if (cron !== undefined) return `${cron.join('; ')} ${timeZone}`;
  return every === undefined ? 'when kinds change' : `every ${every}`;
}

function isTimeZone(name: string): boolean {
  try {
    return new Intl.DateTimeFormat('en', { timeZone: name }).resolvedOptions().timeZone !== '';
  } catch {
    return false;
  }
}
