import type { Component } from '../../../../domain/design.ts';
import type { Finding } from '../../../../domain/finding.ts';
import { describeObject } from '../../../../domain/kubernetes-object.ts';
import { type ExternalReference, externalReferences } from '../../../../domain/plan/external-references.ts';
import { isNamespace } from '../../../../domain/removal-decision.ts';
import type { ClusterClient } from '../../../../infra/kubernetes/cluster-client.ts';

/** What a design needs of the cluster and the cluster has not. A missing namespace stops a deploy, the rest is warned of. */
export async function checkReferences(
  client: ClusterClient,
  components: readonly Component[],
  signal: AbortSignal,
): Promise<readonly Finding[]> {
  const references = externalReferences(components);
  const found = await Promise.all(
    references.map(({ target }) =>
      client.find(target, { metadataOnly: true, signal }).catch(() => 'unreadable' as const),
    ),
  );
  return references.flatMap((reference, index) => (found[index] === undefined ? findingsOf(reference) : []));
}

function findingsOf({ target, optional, uses }: ExternalReference): readonly Finding[] {
  if (isNamespace(target)) return [missingNamespace(target.name, uses.length)];
  if (optional) return [];
  const [use] = uses;
  if (use === undefined) return [];
  const others = uses.length > 1 ? `, and ${uses.length - 1} more do` : '';
  return [
    {
      severity: 'warning',
      code: 'cluster.referenceMissing',
      subject: use.subject,
      path: use.path,
      message: `${use.subject} ${use.verb} ${describeObject(target)}, which is neither in the design nor in the cluster${others}`,
      fix: `add ${describeObject(target)} to the design, or create it first`,
    },
  ];
}

function missingNamespace(name: string, objectCount: number): Finding {
  return {
    severity: 'error',
    code: 'cluster.namespaceMissing',
    subject: `Namespace ${name}`,
    message: `the namespace ${name} of ${objectCount === 1 ? '1 object' : `${objectCount} objects`} is neither in the design nor in the cluster`,
    fix: 'add the Namespace to the design, deploy with --create-namespace, or choose another with --namespace',
  };
}
