import type { Component } from '../../../../domain/design.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { objectKey } from '../../../../domain/kubernetes-object.ts';
import { externalReferences } from '../../../../domain/plan/external-references.ts';
import { type MissingCounterpart, missingFinding } from '../../../../domain/relationship/missing-counterparts.ts';
import type { OperationContext } from '../operation-context.ts';

type Missing = { readonly components: readonly Component[]; readonly missing: readonly MissingCounterpart[] };

/** What relationships find to be missing and the cluster has not either. What `checkReferences` reports is left to it. */
export async function checkCounterparts(
  { client, signal }: Pick<OperationContext, 'client' | 'signal'>,
  { components, missing }: Missing,
): Promise<readonly Finding[]> {
  if (missing.length === 0) return [];
  const { resources } = await client.discovery.all({ signal });
  const reported = new Set(externalReferences(components).map(({ key }) => key));
  const looked = await Promise.all(
    missing.map(async (counterpart) => {
      const { kind, apiVersion = resources.find((resource) => resource.kind === kind)?.apiVersion } =
        counterpart.target;
      if (apiVersion === undefined) return missingFinding(counterpart);
      const target = { ...counterpart.target, apiVersion };
      if (reported.has(objectKey(target))) return undefined;
      const live = await client.find(target, { metadataOnly: true, signal }).catch(() => 'unreadable' as const);
      return live === undefined ? missingFinding(counterpart) : undefined;
    }),
  );
  return looked.flatMap((finding) => finding ?? []);
}
