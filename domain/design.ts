import { z } from 'zod';
import { kubernetesObjectSchema } from './kubernetes-object.ts';

export const designApiVersion = 'slipway.dev/v1';

/** What a dependent can ask of the component it depends on before it starts. */
export const prerequisiteStates = ['exists', 'established', 'ready'] as const;
export type PrerequisiteState = (typeof prerequisiteStates)[number];

export const adapterNames = ['kubernetes', 'helm', 'istio', 'cilium'] as const;

/** The adapters that this Slipway has; components for others are kept but not deployed. Charts are rendered by that of Kubernetes. */
export const installedAdapters: readonly (typeof adapterNames)[number][] = ['kubernetes', 'helm'];

export const dependencySchema = z.strictObject({
  component: z.string(),
  state: z.enum(prerequisiteStates).default('ready'),
});

/** A declaration: one object that a design wants, under a name that is unique in the design. */
export const componentSchema = z.strictObject({
  name: z
    .string()
    .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'lower-case letters, digits, "-" and "."')
    .max(253),
  description: z.string().max(1000).optional(),
  adapter: z.enum(adapterNames).default('kubernetes'),
  /** The definition in the registry that this component declares. */
  model: z.strictObject({ name: z.string(), version: z.string().optional() }).optional(),
  dependsOn: z.array(dependencySchema).default([]),
  object: kubernetesObjectSchema,
});

/** Every accepted format becomes this; it is stored, planned, compared and exported. */
export const designSchema = z.strictObject({
  name: z.string().min(1).max(253),
  description: z.string().max(1000).optional(),
  /** Given to namespaced objects that name none. */
  namespace: z.string().optional(),
  components: z.array(componentSchema),
});

export type Design = z.infer<typeof designSchema>;
export type Component = z.infer<typeof componentSchema>;
export type Dependency = z.infer<typeof dependencySchema>;

export const designFormats = ['slipway', 'manifests', 'meshery', 'pattern', 'kustomize', 'compose'] as const;
export type DesignFormat = (typeof designFormats)[number];
