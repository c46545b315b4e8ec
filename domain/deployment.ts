import { z } from 'zod';
import { objectReferenceSchema } from './kubernetes-object.ts';

/** `degraded`: part of it is live, as after a failed deploy with `onFailure: keep` or a rollback that failed. */
export const deploymentStates = ['new', 'deploying', 'live', 'degraded', 'undeploying', 'undeployed'] as const;

/** One design on one connection. */
export const deploymentSchema = z.object({
  id: z.string(),
  designId: z.string(),
  designName: z.string(),
  connectionId: z.string(),
  connectionName: z.string(),
  state: z.enum(deploymentStates),
  /** The revision that is live, or null where none is. */
  revision: z.number().int().nullable(),
  /** The operation that holds the deployment now. */
  operationId: z.string().nullable(),
  objectCount: z.number().int(),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
});

/** One object that a deployment owns. */
export const inventoryItemSchema = z.object({
  key: z.string(),
  reference: objectReferenceSchema,
  component: z.string(),
  uid: z.string().nullable(),
  revision: z.number().int(),
  /** False for an object that was there before and was adopted: it is given back, not deleted. */
  created: z.boolean(),
  state: z.enum(['pending', 'ready', 'notReady', 'missing']),
});

export type DeploymentState = (typeof deploymentStates)[number];
export type Deployment = z.infer<typeof deploymentSchema>;
export type InventoryItem = z.infer<typeof inventoryItemSchema>;
