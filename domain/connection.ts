import { z } from 'zod';
import { SlipwayError } from './errors.ts';
import { sourceKinds } from './source-connection.ts';

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

/** What designs go to, and what models come from. */
export const connectionKinds = ['kubernetes', ...sourceKinds] as const;

export const connectionNameSchema = z
  .string()
  .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/)
  .max(63);

/** A registered piece of infrastructure. Its credential never leaves the server. */
export const connectionSchema = z.object({
  id: z.string(),
  name: connectionNameSchema,
  kind: z.enum(connectionKinds),
  status: z.enum(connectionStatuses),
  /** Address of the API server, of the repository, or host of the registry. */
  server: z.string(),
  /** The version of a cluster as last seen, or null before the first test. */
  version: z.string().nullable(),
  /** Why the last test failed, or null. */
  message: z.string().nullable(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

export type ConnectionStatus = (typeof connectionStatuses)[number];
export type Connection = z.infer<typeof connectionSchema>;
export type ConnectionKind = Connection['kind'];

/** Throws SlipwayError `invalid` for what no design can be deployed to. */
export function requireCluster({ name, kind }: Pick<Connection, 'name' | 'kind'>): void {
  if (kind === 'kubernetes') return;
  throw new SlipwayError('invalid', `connection ${name} is a ${kind} connection, not a cluster`, {
    fix: 'Name a kubernetes connection: slipway connection list',
    details: { kind },
  });
}
