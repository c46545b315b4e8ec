import { z } from 'zod';

/** Most severe first. */
export const eventSeverities = [
  'emergency',
  'alert',
  'critical',
  'error',
  'warning',
  'informational',
  'success',
  'debug',
] as const;
export const eventCategories = ['deployment', 'design', 'registry', 'connection', 'operation', 'system'] as const;
export const eventStatuses = ['unread', 'read'] as const;

export const eventActionSchema = z.object({
  label: z.string(),
  method: z.enum(['GET', 'POST', 'PATCH', 'DELETE']),
  href: z.string(),
  /** What the request has to say. */
  body: z.record(z.string(), z.union([z.string(), z.array(z.string())])).optional(),
});

/** Something a person may need to know, and what can be done about it. */
export const eventSchema = z.object({
  id: z.string(),
  sequence: z.number().int(),
  time: z.iso.datetime(),
  severity: z.enum(eventSeverities),
  category: z.enum(eventCategories),
  /** What was done: `deploy`, `undeploy`, `rollback`, `register`. */
  action: z.string(),
  actor: z.string(),
  subject: z.object({ kind: z.string(), id: z.string(), name: z.string().optional() }),
  operationId: z.string().nullable(),
  description: z.string(),
  details: z.record(z.string(), z.json()).nullable(),
  status: z.enum(eventStatuses),
  acknowledgedAt: z.iso.datetime().nullable(),
  dismissedAt: z.iso.datetime().nullable(),
  actions: z.array(eventActionSchema),
});

export type EventSeverity = (typeof eventSeverities)[number];
export type SlipwayEvent = z.infer<typeof eventSchema>;
/** An event before it is stored. `id` makes storing it twice the same as once. */
export type NewEvent = Omit<SlipwayEvent, 'sequence' | 'status' | 'acknowledgedAt' | 'dismissedAt'>;
