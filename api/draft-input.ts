import { z } from '@hono/zod-openapi';
import { adapterNames } from '../domain/design.ts';
import { SlipwayError } from '../domain/errors.ts';
import { hasErrors } from '../domain/finding.ts';
import { type ComponentDefinition, parseComponentKey } from '../domain/registry/component-definition.ts';
import { fromCrd, isCrd } from '../domain/registry/from-crd.ts';
import { modelCategories, modelNameSchema, modelVersionSchema } from '../domain/registry/model.ts';
import { readableName } from '../domain/registry/readable-name.ts';
import { relationshipKinds, relationshipDefinitionSchema } from '../domain/registry/relationship-definition.ts';
import { readYaml } from '../infra/design-source/yaml-documents.ts';
import { badRequest } from './problem.ts';
import { anyJson } from './schemas.ts';

/** What people send to make a model step by step. */

const anyObject = z.record(z.string(), anyJson);

const modelFields = {
  displayName: z.string().min(1).max(200).optional().openapi({ description: 'Default: the name, readable' }),
  description: z.string().max(5_000).optional(),
  category: z.enum(modelCategories).optional(),
  subCategory: z.string().max(200).optional(),
  metadata: anyObject.optional(),
};

export const newDraftBody = z
  .union([
    z.strictObject({ name: modelNameSchema, version: modelVersionSchema, ...modelFields }),
    z.strictObject({
      from: z.string().min(1).max(300).openapi({ description: 'A model to begin with: its name, name@version or id' }),
      name: modelNameSchema.optional(),
      version: modelVersionSchema.optional(),
      ...modelFields,
    }),
  ])
  .openapi('NewModelDraft');

export const draftChangeBody = z
  .strictObject({ name: modelNameSchema.optional(), version: modelVersionSchema.optional(), ...modelFields })
  .refine((change) => Object.keys(change).length > 0, 'nothing to change is given')
  .openapi('ModelDraftChange');

export type DraftChange = z.infer<typeof draftChangeBody>;

export const componentInputBody = z
  .strictObject({
    displayName: z.string().min(1).max(300).optional().openapi({ description: 'Default: the kind, readable' }),
    description: z.string().max(5_000).default(''),
    scope: z
      .enum(['namespaced', 'cluster'])
      .nullable()
      .default('namespaced')
      .openapi({ description: 'Null where it is not a kind of Kubernetes' }),
    adapter: z.enum(adapterNames).default('kubernetes'),
    schema: anyObject.openapi({ description: 'JSON Schema of the body without apiVersion, kind, metadata and status' }),
    metadata: anyObject.default({}),
  })
  .openapi('ComponentInput');

export const crdInputBody = z
  .strictObject({
    crd: z.string().min(1).max(2_000_000).openapi({ description: 'CustomResourceDefinitions as YAML or JSON' }),
  })
  .openapi('CrdInput');

/** The relationship without its name, which is in the path. */
export const relationshipInputBody = z
  .strictObject({
    kind: z.enum(relationshipKinds),
    type: z.string().max(100),
    subType: z.string().max(100).default(''),
    description: z.string().max(5_000).default(''),
    selectors: z
      .array(anyObject)
      .min(1)
      .max(200)
      .openapi({ description: 'Alternatives, each with `allow` and `deny`' }),
    order: z
      .strictObject({ first: z.enum(['from', 'to']), needs: z.string().max(100) })
      .nullable()
      .optional(),
    metadata: anyObject.optional(),
  })
  .openapi('RelationshipInput');

export const profileInputBody = z
  .strictObject({
    description: z.string().max(5_000).default(''),
    component: z.string().max(600).optional().openapi({ description: 'kind@apiVersion of what it configures' }),
    values: anyObject,
  })
  .openapi('ConfigurationProfileInput');

export const sampleInputBody = z
  .strictObject({
    description: z.string().max(5_000).default(''),
    source: z.string().max(5_000_000).openapi({ description: 'A design in any accepted format' }),
  })
  .openapi('SampleDesignInput');

/** The component of that key, `kind@apiVersion`, as it was described. Throws a bad request for any other key. */
export function toComponent(key: string, input: z.infer<typeof componentInputBody>): ComponentDefinition {
  const { kind, apiVersion } = parseComponentKey(key);
  if (kind === '' || apiVersion === undefined || apiVersion === '') {
    throw badRequest(`${key} is no key of a component`, [
      { severity: 'error', code: 'request.invalid', path: 'path.component', message: 'kind@apiVersion is needed' },
    ]);
  }
  return { kind, apiVersion, ...input, displayName: input.displayName ?? readableName(kind) };
}

/** The relationship of that name, written by hand. Throws SlipwayError `invalid` with every place that is wrong. */
export function toRelationship(name: string, input: z.infer<typeof relationshipInputBody>) {
  const result = relationshipDefinitionSchema.safeParse({ ...input, name, foundBy: { how: 'written' } });
  if (result.success) return result.data;
  const findings = result.error.issues.map(({ path, message }) => ({
    severity: 'error' as const,
    code: 'relationship.invalid',
    subject: name,
    path: path.map(String).join('.'),
    message,
  }));
  throw new SlipwayError('invalid', `relationship ${name} is not valid`, { findings });
}

/** The components of the CustomResourceDefinitions in a text. Throws SlipwayError `invalid` with every finding. */
export function componentsOfCrds(text: string): readonly ComponentDefinition[] {
  const { documents, findings } = readYaml({ text });
  const crds = documents.filter(({ value }) => isCrd(value));
  const converted = crds.map(fromCrd);
  const found = [...findings, ...converted.flatMap((crd) => crd.findings)];
  const components = converted.flatMap((crd) => crd.components);
  if (!hasErrors(found) && components.length > 0) return components;
  throw new SlipwayError(
    'invalid',
    crds.length === 0 ? 'there is no CustomResourceDefinition in the text' : 'no component comes of the text',
    {
      findings: found,
    },
  );
}
