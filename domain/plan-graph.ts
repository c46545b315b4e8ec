import { z } from 'zod';
import { findingSchema } from './finding.ts';
import { objectReferenceSchema } from './kubernetes-object.ts';

/** What an edge needs of its prerequisite before the dependent may start; `gone` is the one of undeploy. */
export const neededStates = ['exists', 'established', 'ready', 'gone'] as const;

/** A hard edge in a cycle is an error; a soft one is dropped with a note. */
export const edgeStrengths = ['hard', 'soft'] as const;

export const planNodeSchema = z.object({
  /** `objectKey` of the object, unique in a plan. */
  key: z.string(),
  reference: objectReferenceSchema,
  /** The component of the design that declares the object. */
  component: z.string(),
  adapter: z.string(),
  /** From 1: the level in the graph, shown to people; execution has no barriers. */
  stage: z.number().int(),
  /** Kind rank: breaks ties among nodes that may start at once. */
  rank: z.number().int(),
});

export const planEdgeSchema = z.object({
  /** Key of the prerequisite: it reaches `needs` before the dependent starts. */
  prerequisite: z.string(),
  dependent: z.string(),
  needs: z.enum(neededStates),
  strength: z.enum(edgeStrengths),
  /** Why the edge is there, for people: `mounts ConfigMap shop/settings`. */
  reason: z.string(),
});

/** A point without an object that many nodes lead to and many wait for, such as the start of a sync wave. */
export const planGateSchema = z.object({
  /** Unique among gates and nodes; edges name it as they name a node. */
  key: z.string(),
  title: z.string(),
});

export const planGraphSchema = z.object({
  /** In an order that respects every edge. */
  nodes: z.array(planNodeSchema),
  /** Reached by themselves as soon as what leads to them is; absent where the plan needs none. */
  gates: z.array(planGateSchema).optional(),
  /** Between nodes, or between a node and a gate. */
  edges: z.array(planEdgeSchema),
  stageCount: z.number().int(),
  /** Dropped edges, operators that could not be told, and the like. */
  notes: z.array(findingSchema),
});

export type NeededState = (typeof neededStates)[number];
export type EdgeStrength = (typeof edgeStrengths)[number];
export type PlanNode = z.infer<typeof planNodeSchema>;
export type PlanGate = z.infer<typeof planGateSchema>;
export type PlanEdge = z.infer<typeof planEdgeSchema>;
export type PlanGraph = z.infer<typeof planGraphSchema>;
