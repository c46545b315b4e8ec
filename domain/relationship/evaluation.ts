import { z } from 'zod';
import { findingSchema } from '../finding.ts';
import { type JsonPath, jsonValueSchema } from '../json.ts';
import { prerequisiteStates } from '../design.ts';
import { relationshipKinds } from '../registry/relationship-definition.ts';

/** Which relationship says something: its name, its model and what it is, as answers and findings name it. */
export const relationshipNameSchema = z.object({
  name: z.string(),
  /** `cert-manager@v1.17.1`. */
  model: z.string(),
  kind: z.enum(relationshipKinds),
  type: z.string(),
  subType: z.string(),
});

/** Two components that go together. */
export const relationEdgeSchema = z.object({
  /** Names of components. */
  from: z.string(),
  to: z.string(),
  /** The component between them, such as the binding of a role to an account. */
  via: z.string().optional(),
  relationship: relationshipNameSchema,
  /** `Issuer shop/ca references Secret shop/ca-key`. */
  why: z.string(),
  /** The field that names the other one, of the component that names it. */
  path: z.string().optional(),
  /** Which goes first in a deploy, and the state that the other waits for. Absent: it orders nothing. */
  order: z.object({ first: z.enum(['from', 'to']), needs: z.enum(prerequisiteStates) }).optional(),
});

/** A field that a relationship fills because the declaration leaves it empty. */
export const relationChangeSchema = z.object({
  component: z.string(),
  /** `spec.ca.secretName`. */
  path: z.string(),
  value: jsonValueSchema,
  relationship: relationshipNameSchema,
  why: z.string(),
});

/** What the evaluation did, in its order, for people who ask why. */
export const traceEntrySchema = z.object({
  /** From 1. */
  round: z.number().int(),
  relationship: relationshipNameSchema,
  from: z.string(),
  to: z.string(),
  outcome: z.enum(['related', 'denied', 'filled', 'mismatch', 'conflict', 'missing']),
  why: z.string(),
});

/** What relationships say of a design, as it is shown. */
export const evaluationSchema = z.object({
  edges: z.array(relationEdgeSchema),
  changes: z.array(relationChangeSchema),
  findings: z.array(findingSchema),
  /** Only where it was asked for. */
  trace: z.array(traceEntrySchema).optional(),
});

export type RelationshipName = z.infer<typeof relationshipNameSchema>;
export type RelationEdge = z.infer<typeof relationEdgeSchema>;
/** `steps` is the path for programs. */
export type RelationChange = z.infer<typeof relationChangeSchema> & { readonly steps: JsonPath };
export type TraceEntry = z.infer<typeof traceEntrySchema>;

/** `edge/non-binding/reference of cert-manager@v1.17.1`. */
export function describeRelationship({ kind, type, subType, model }: RelationshipName): string {
  return `${[kind, type, subType].filter((part) => part !== '').join('/')} of ${model}`;
}
