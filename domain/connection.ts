import { z } from 'zod';

export const connectionStatuses = [
  'discovered',
  'registered',
  'connected',
  'ignored',
  'maintenance',
  'disconnected',
  'deleted',
  'not found',
] as const;

export const connectionNameSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
  .max(63);

/** A registered cluster. Its credential never leaves the server. */
export const connectionSchema = z.object({
  id: z.string(),
  name: connectionNameSchema,
  kind: z.literal('kubernetes'),
  status: z.enum(connectionStatuses),
  /** Address of the API server. */
  server: z.string(),
  /** Its version as last seen, or null before the first test. */
  version: z.string().nullable(),
  /** Why the last test failed, or null. */
  message: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type ConnectionStatus = (typeof connectionStatuses)[number];
export type Connection = z.infer<typeof connectionSchema>;
