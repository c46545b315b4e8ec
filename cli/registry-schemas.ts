import { z } from 'zod';
import { deploymentStates } from '../domain/deployment.ts';
import { findingSchema } from '../domain/finding.ts';
import { jsonObjectSchema } from '../domain/json.ts';
import { definitionLinkSchema } from '../domain/registry/choose-definition.ts';
import { memberTypes } from '../domain/registry/model-member.ts';
import { definitionStatuses, registrantKinds } from '../domain/registry/model.ts';
import { schemaChangeSchema } from '../domain/registry/schema-change.ts';
import { pageSchema } from './api-schemas.ts';

/** Answers of the registry's routes, as far as the CLI reads them. */

const status = z.enum(definitionStatuses);

export const registeredModelSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  revision: z.number().int(),
  definitionVersion: z.string(),
  displayName: z.string(),
  description: z.string(),
  category: z.string(),
  subCategory: z.string(),
  registrant: z.looseObject({ kind: z.enum(registrantKinds), address: z.string() }),
  source: z.string(),
  operationId: z.string(),
  contentDigest: z.string(),
  componentCount: z.number().int(),
  relationshipCount: z.number().int(),
  status,
  publishedAt: z.string(),
});

const ownerSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  version: z.string(),
  revision: z.number().int(),
});

export const registeredComponentSchema = z.looseObject({
  id: z.number().int(),
  address: z.string(),
  kind: z.string(),
  apiVersion: z.string(),
  displayName: z.string(),
  description: z.string(),
  scope: z.enum(['namespaced', 'cluster']).nullable(),
  adapter: z.string(),
  digest: z.string(),
  status,
  model: ownerSchema,
});

export const componentWithSchemaSchema = registeredComponentSchema.extend({ schema: jsonObjectSchema });

export const registeredRelationshipSchema = z.looseObject({
  id: z.number().int(),
  name: z.string(),
  kind: z.string(),
  type: z.string(),
  subType: z.string(),
  description: z.string(),
  foundBy: z.string(),
  fromKinds: z.array(z.string()),
  toKinds: z.array(z.string()),
  status,
  address: z.string(),
  model: ownerSchema,
});

const count = z.number().int();

export const registrySummarySchema = z.looseObject({
  models: z.number().int(),
  versions: z.number().int(),
  components: z.number().int(),
  relationships: z.number().int(),
  versionsByStatus: z.array(z.object({ status, count })),
  versionsByCategory: z.array(z.object({ category: z.string(), count })),
  versionsByRegistrantKind: z.array(z.object({ kind: z.string(), count })),
});

const usingDesignSchema = z.looseObject({
  id: z.string(),
  name: z.string(),
  componentCount: count,
  needed: z.boolean(),
});

const usingDeploymentSchema = z.looseObject({
  id: z.string(),
  designName: z.string(),
  connectionName: z.string(),
  state: z.enum(deploymentStates),
  objectCount: count,
  needed: z.boolean(),
});

/** Where definitions are declared and live. */
export const usageSchema = z.looseObject({
  designs: pageSchema(usingDesignSchema),
  deployments: pageSchema(usingDeploymentSchema),
});

export const modelComparisonSchema = z.looseObject({
  before: ownerSchema,
  after: ownerSchema,
  breaking: z.boolean(),
  components: z.array(
    z.looseObject({
      component: z.string(),
      action: z.enum(['added', 'removed', 'changed']),
      breaking: z.boolean(),
      changeCount: z.number().int(),
      changes: z.array(schemaChangeSchema),
    }),
  ),
  members: z.array(
    z.looseObject({
      type: z.enum(memberTypes),
      key: z.string(),
      change: z.enum(['added', 'removed', 'changed']),
    }),
  ),
  usage: usageSchema,
});

export const lineageSchema = z.looseObject({
  instance: z.looseObject({
    connection: z.looseObject({ name: z.string() }),
    apiVersion: z.string(),
    kind: z.string(),
    namespace: z.string().nullable(),
    name: z.string(),
  }),
  origins: z.array(
    z.looseObject({
      link: z.enum(['recorded', 'intended']),
      uid: z.string().nullable(),
      state: z.string(),
      deployment: z.looseObject({ id: z.string(), state: z.enum(deploymentStates) }),
      declaration: z.looseObject({
        designId: z.string(),
        designName: z.string(),
        revision: z.number().int(),
        component: z.string(),
      }),
      definition: z
        .looseObject({
          link: definitionLinkSchema,
          address: z.string(),
          revision: z.number().int(),
          digest: z.string(),
          schemaDigest: z.string(),
          status,
          others: z.array(z.string()),
        })
        .nullable(),
    }),
  ),
});

export const draftSchema = z.looseObject({
  id: z.string(),
  revision: z.number().int(),
  model: z.looseObject({ name: z.string(), version: z.string(), displayName: z.string(), category: z.string() }),
  members: z.array(z.object({ type: z.enum(memberTypes), key: z.string() })),
  operationId: z.string().nullable(),
  actor: z.string(),
  updatedAt: z.string(),
});

export const draftSummarySchema = z.looseObject({
  id: z.string(),
  revision: z.number().int(),
  name: z.string(),
  version: z.string(),
  displayName: z.string(),
  memberCount: z.number().int(),
  actor: z.string(),
  updatedAt: z.string(),
});

export const draftReviewSchema = z.looseObject({
  publishable: z.boolean(),
  change: z.enum(['added', 'changed', 'unchanged']),
  members: z.array(
    z.object({ type: z.enum(memberTypes), key: z.string(), action: z.enum(['added', 'changed', 'removed']) }),
  ),
  findings: z.array(findingSchema),
});

export type RegisteredModel = z.infer<typeof registeredModelSchema>;
export type RegisteredComponent = z.infer<typeof registeredComponentSchema>;
export type RegisteredRelationship = z.infer<typeof registeredRelationshipSchema>;
export type RegistrySummary = z.infer<typeof registrySummarySchema>;
export type Usage = z.infer<typeof usageSchema>;
export type ModelComparison = z.infer<typeof modelComparisonSchema>;
export type Lineage = z.infer<typeof lineageSchema>;
export type Draft = z.infer<typeof draftSchema>;
export type DraftSummary = z.infer<typeof draftSummarySchema>;
export type DraftReview = z.infer<typeof draftReviewSchema>;
