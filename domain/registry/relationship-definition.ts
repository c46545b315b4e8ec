import { z } from 'zod';
import { jsonObjectSchema, jsonValueSchema } from '../json.ts';
import { neededStates } from '../plan-graph.ts';

export const relationshipKinds = ['hierarchical', 'edge', 'sibling'] as const;

/** How a relationship came to be known. */
export const relationshipOrigins = ['written', 'schemaField', 'selector', 'ownerReference', 'chartDependency'] as const;

/** `["configuration","spec","ports","_","targetPort"]`: names; `_` for every item of a list, a number in quotes for one. */
export const fieldPathSchema = z.array(z.string().max(253)).min(1).max(50);

/** One side of a match: the i-th mutator field has, or gives, the value of the i-th mutated field of the other side. */
export const relationshipMatchSideSchema = z.strictObject({
  /** A kind, or `self` for the component that the selector selects. */
  kind: z.string().min(1).max(253),
  mutatorRef: z.array(fieldPathSchema).max(50).optional(),
  mutatedRef: z.array(fieldPathSchema).max(50).optional(),
});

export const patchStrategies = ['merge', 'strategic', 'add', 'remove', 'copy', 'move', 'test', 'replace'] as const;

export const relationshipSelectorSchema = z.strictObject({
  /** `*` for every kind. */
  kind: z.string().min(1).max(253).default('*'),
  /** Absent: every API version. */
  apiVersion: z.string().min(1).max(253).optional(),
  /** Absent: every model. `version` may be `*`. */
  model: z.strictObject({ name: z.string().min(1).max(253), version: z.string().max(253).optional() }).optional(),
  match: z
    .strictObject({
      refs: z.array(fieldPathSchema).max(50).optional(),
      from: z.array(relationshipMatchSideSchema).max(50).optional(),
      to: z.array(relationshipMatchSideSchema).max(50).optional(),
    })
    .optional(),
  matchStrategyMatrix: z.array(z.array(z.string().max(100))).optional(),
  patch: z
    .strictObject({
      strategy: z.enum(patchStrategies).default('copy'),
      mutatorRef: z.array(fieldPathSchema).max(50).optional(),
      mutatedRef: z.array(fieldPathSchema).max(50).optional(),
    })
    .optional(),
});

const selectorPairsSchema = z.strictObject({
  from: z.array(relationshipSelectorSchema).max(500).default([]),
  to: z.array(relationshipSelectorSchema).max(500).default([]),
});

/** A pair of components is selected when one allow pair fits and no deny pair does. */
export const selectorSetSchema = z.strictObject({
  allow: selectorPairsSchema,
  deny: selectorPairsSchema.optional(),
});

/** A rule about which components go with which, and what follows. Meshery's relationship v1alpha3 is read into this and written from it. */
export const relationshipDefinitionSchema = z.strictObject({
  /** Unique in its model, such as `edge-binding-mount-abcde`. */
  name: z.string().min(1).max(253),
  kind: z.enum(relationshipKinds),
  type: z.string().max(100),
  subType: z.string().max(100).default(''),
  description: z.string().max(5_000).default(''),
  /** Sets are alternatives. */
  selectors: z.array(selectorSetSchema).min(1).max(200),
  evaluationQuery: z.string().max(253).optional(),
  /**
   * What a deploy makes of it: which side goes first, and the state that the other one waits for. Absent: told by kind,
   * type and subType; null: it orders nothing.
   */
  order: z
    .strictObject({ first: z.enum(['from', 'to']), needs: z.enum(neededStates).exclude(['gone']) })
    .nullable()
    .optional(),
  foundBy: z.strictObject({
    how: z.enum(relationshipOrigins),
    /** The field, the chart file or the definition file that told it. */
    place: z.string().max(2_000).optional(),
  }),
  /** What other tools keep with a relationship. Carried through, never interpreted. */
  metadata: z.record(z.string(), jsonValueSchema).default({}),
  capabilities: z.array(jsonObjectSchema).optional(),
});

export type RelationshipKind = (typeof relationshipKinds)[number];
export type RelationshipOrigin = (typeof relationshipOrigins)[number];
export type FieldPath = z.infer<typeof fieldPathSchema>;
export type RelationshipSelector = z.infer<typeof relationshipSelectorSchema>;
export type SelectorSet = z.infer<typeof selectorSetSchema>;
export type RelationshipDefinition = z.infer<typeof relationshipDefinitionSchema>;
