import { z } from 'zod';

const names = z.array(z.string()).nullish();

/** `APIGroupDiscoveryList` of apidiscovery.k8s.io/v2 (and v2beta1, of the same shape). */
export const aggregatedSchema = z.object({
  kind: z.literal('APIGroupDiscoveryList'),
  items: z.array(
    z.object({
      metadata: z.object({ name: z.string().optional() }).optional(),
      versions: z
        .array(
          z.object({
            version: z.string(),
            freshness: z.string().optional(),
            resources: z
              .array(
                z.object({
                  resource: z.string(),
                  responseKind: z.object({ kind: z.string() }).nullish(),
                  scope: z.string().optional(),
                  verbs: names,
                  shortNames: names,
                  categories: names,
                  subresources: z.array(z.object({ subresource: z.string() })).nullish(),
                }),
              )
              .nullish(),
          }),
        )
        .nullish(),
    }),
  ),
});

/** The older answer of `/api`. */
export const coreVersionsSchema = z.object({ versions: z.array(z.string()) });

/** The older answer of `/apis`. */
export const groupListSchema = z.object({
  groups: z.array(
    z.object({
      name: z.string(),
      versions: z.array(z.object({ version: z.string() })),
      preferredVersion: z.object({ version: z.string() }).optional(),
    }),
  ),
});

/** The older answer of `/api/v1` and `/apis/apps/v1`. */
export const resourceListSchema = z.object({
  resources: z.array(
    z.object({
      name: z.string(),
      kind: z.string(),
      namespaced: z.boolean(),
      verbs: names,
      shortNames: names,
      categories: names,
    }),
  ),
});

export type AggregatedDiscovery = z.infer<typeof aggregatedSchema>;
export type ResourceList = z.infer<typeof resourceListSchema>;
