import { z } from 'zod';
import { jsonObjectSchema } from '../json.ts';

/** What may be done with a model, a component or a relationship of the registry. */
export const definitionStatuses = ['enabled', 'disabled', 'ignored', 'deprecated'] as const;

/** Meshery's categories: https://docs.meshery.io/concepts/logical/models */
export const modelCategories = [
  'Analytics',
  'App Definition and Development',
  'Cloud Native Network',
  'Cloud Native Storage',
  'Database',
  'Machine Learning',
  'Observability and Analysis',
  'Orchestration & Management',
  'Platform',
  'Provisioning',
  'Runtime',
  'Security & Compliance',
  'Serverless',
  'Tools',
  'Uncategorized',
] as const;

export const modelNameSchema = z
  .string()
  .regex(/^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/, 'lower-case letters, digits and "-"')
  .max(100);

/** A version of the software that a model describes, such as `v1.17.1`; whatever can stand in an address and a file name. */
export const modelVersionSchema = z
  .string()
  .regex(/^[A-Za-z0-9]([A-Za-z0-9._+-]*[A-Za-z0-9])?$/, 'letters, digits, ".", "_", "+" and "-"')
  .max(100);

/** A version of the definition itself, counted up when the content changes and the software's version does not. */
export const definitionVersionSchema = z.string().regex(/^v\d+\.\d+\.\d+$/, 'v1.0.0 and the like');

/** What a definition came from. */
export const registrantKinds = ['builtIn', 'manual', 'upload', 'url', 'helm', 'git', 'oci', 'csv', 'cluster'] as const;

export const registrantSchema = z.strictObject({
  kind: z.enum(registrantKinds),
  /** The repository, chart, registry reference, sheet, or connection, without secrets; empty for what was made by hand. */
  address: z.string().max(2_000).default(''),
});

/** A versioned package of definitions, without its members. */
export const modelSchema = z.strictObject({
  name: modelNameSchema,
  version: modelVersionSchema,
  displayName: z.string().min(1).max(200),
  description: z.string().max(5_000).default(''),
  category: z.enum(modelCategories).default('Uncategorized'),
  subCategory: z.string().max(200).default(''),
  /** What other tools keep with a model: colours, icons, links. Carried through, never interpreted. */
  metadata: jsonObjectSchema.default({}),
});

export type DefinitionStatus = (typeof definitionStatuses)[number];
export type ModelCategory = (typeof modelCategories)[number];
export type RegistrantKind = (typeof registrantKinds)[number];
export type Registrant = z.infer<typeof registrantSchema>;
export type Model = z.infer<typeof modelSchema>;
export type ModelReference = Pick<Model, 'name' | 'version'>;

/** `cert-manager@v1.17.1`. */
export function formatModelReference({ name, version }: ModelReference): string {
  return `${name}@${version}`;
}

/** The name, and the version where the text gives one: `cert-manager@v1.17.1` or `cert-manager`. */
export function parseModelReference(text: string): { readonly name: string; readonly version?: string } {
  const at = text.indexOf('@');
  return at < 0 ? { name: text } : { name: text.slice(0, at), version: text.slice(at + 1) };
}
