import { z } from 'zod';
import { jsonObjectSchema } from '../json.ts';
import { kubernetesObjectSchema } from '../kubernetes-object.ts';
import { componentDefinitionSchema, componentKey } from './component-definition.ts';
import { definitionVersionSchema, modelSchema } from './model.ts';
import { relationshipDefinitionSchema } from './relationship-definition.ts';

/** A named set of values with which a component or chart of the model can be configured. */
export const configurationProfileSchema = z.strictObject({
  name: z.string().min(1).max(253),
  description: z.string().max(5_000).default(''),
  /** `kind@apiVersion` of the component that it configures. */
  component: z.string().max(600).optional(),
  values: jsonObjectSchema,
});

/** A design that shows the model at work, in any format that designs have. */
export const sampleDesignSchema = z.strictObject({
  name: z.string().min(1).max(253),
  description: z.string().max(5_000).default(''),
  source: z.string().max(5_000_000),
});

/**
 * Objects that bring the model's kinds to a cluster: definitions of kinds, the operator with all that it needs, or the chart
 * that stands for them. A model may have many, and all are installed together.
 */
export const installationSchema = z.strictObject({
  /** Told by what it installs, such as `customresourcedefinition-widgets.example.com`. */
  name: z.string().min(1).max(253).default('installation'),
  /** Where the namespaced ones go that name no namespace. */
  namespace: z.string().max(63).optional(),
  objects: z.array(kubernetesObjectSchema).max(10_000),
});

export const attachmentSchema = z.strictObject({
  /** A path in the package, such as `charts/cert-manager-v1.17.1.tgz`. */
  name: z.string().min(1).max(500),
  mediaType: z.string().max(200),
  /** SHA-256 in hex. */
  digest: z.string().regex(/^[0-9a-f]{64}$/),
  size: z.number().int().min(0),
});

/** All that one version of a model holds. Large ones are never held whole: members come and go one by one. */
export const modelMemberSchema = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('component'), definition: componentDefinitionSchema }),
  z.strictObject({ type: z.literal('relationship'), definition: relationshipDefinitionSchema }),
  z.strictObject({ type: z.literal('profile'), definition: configurationProfileSchema }),
  z.strictObject({ type: z.literal('sample'), definition: sampleDesignSchema }),
  z.strictObject({ type: z.literal('installation'), definition: installationSchema }),
  z.strictObject({ type: z.literal('attachment'), definition: attachmentSchema }),
]);

export const memberTypes = ['component', 'relationship', 'profile', 'sample', 'installation', 'attachment'] as const;

/** A model with its definition version, before its members. */
export const modelHeadSchema = z.strictObject({
  model: modelSchema,
  definitionVersion: definitionVersionSchema.default('v1.0.0'),
});

export type ConfigurationProfile = z.infer<typeof configurationProfileSchema>;
export type SampleDesign = z.infer<typeof sampleDesignSchema>;
export type Installation = z.infer<typeof installationSchema>;
export type Attachment = z.infer<typeof attachmentSchema>;
export type ModelMember = z.infer<typeof modelMemberSchema>;
export type MemberType = (typeof memberTypes)[number];
export type ModelHead = z.infer<typeof modelHeadSchema>;

/** What a member is called among the members of its type. */
export function memberKey(member: ModelMember): string {
  return member.type === 'component' ? componentKey(member.definition) : member.definition.name;
}
