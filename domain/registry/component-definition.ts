import { z } from 'zod';
import { adapterNames } from '../design.ts';
import { jsonObjectSchema } from '../json.ts';

/** A kind that designs can declare. Its address in the registry is `model@version/kind@apiVersion`. */
export const componentDefinitionSchema = z.strictObject({
  kind: z.string().min(1).max(253),
  /** `group/version`, or `v1` for the core group. */
  apiVersion: z.string().min(1).max(253),
  displayName: z.string().min(1).max(300),
  description: z.string().max(5_000).default(''),
  /** Null where it is not a kind of Kubernetes. */
  scope: z.enum(['namespaced', 'cluster']).nullable(),
  /** The adapter that deploys it. */
  adapter: z.enum(adapterNames).default('kubernetes'),
  /** JSON Schema of what a declaration configures: the body without apiVersion, kind, metadata and status. */
  schema: jsonObjectSchema,
  /** What other tools keep with a component: styles, capabilities, flags. Carried through, never interpreted. */
  metadata: jsonObjectSchema.default({}),
});

export type ComponentDefinition = z.infer<typeof componentDefinitionSchema>;
export type ComponentKind = Pick<ComponentDefinition, 'kind' | 'apiVersion'>;

/** `Certificate@cert-manager.io/v1`: the name of a component in its model. */
export function componentKey({ kind, apiVersion }: ComponentKind): string {
  return `${kind}@${apiVersion}`;
}

/** The kind, and the API version where the text gives one. */
export function parseComponentKey(text: string): { readonly kind: string; readonly apiVersion?: string } {
  const at = text.indexOf('@');
  return at < 0 ? { kind: text } : { kind: text.slice(0, at), apiVersion: text.slice(at + 1) };
}
