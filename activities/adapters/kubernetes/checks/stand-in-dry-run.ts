import type { Finding } from '../../../../domain/finding.ts';
import { type KubernetesObject, objectKey, referenceOf } from '../../../../domain/kubernetes-object.ts';
import { fieldManager } from '../../../../domain/ownership.ts';
import { type ApiError, isApiError } from '../../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../../infra/kubernetes/cluster-client.ts';
import { type DryRunOutcome, refusalsOf } from './dry-run.ts';
import { withAllUnknownFields } from './unknown-fields.ts';

export type StandInRequest = {
  readonly client: ClusterClient;
  /** Objects whose kind is served and whose namespace is not there yet. */
  readonly objects: readonly KubernetesObject[];
  readonly signal: AbortSignal;
};

/** Every cluster has it, and it cannot be deleted. */
const standInNamespace = 'default';

/**
 * Asks the server about each object as if it were in another namespace, as its own comes with the design. Only what the
 * schema and the validation of its kind say counts: quotas, limits, permissions and admission policies are those of the
 * other namespace. An object whose name is taken there is not asked about, as the answer would be about a change of that one.
 */
export async function dryRunInStandIn(request: StandInRequest): Promise<readonly DryRunOutcome[]> {
  const outcomes = await Promise.all(request.objects.map((object) => findingsOf(request, object)));
  return request.objects.map((object, index) => ({
    key: objectKey(referenceOf(object)),
    findings: outcomes[index] ?? [],
    diff: [],
    recreate: false,
    predicted: true,
  }));
}

async function findingsOf(request: StandInRequest, object: KubernetesObject): Promise<readonly Finding[]> {
  const { client, signal } = request;
  const moved = { ...object, metadata: { ...object.metadata, namespace: standInNamespace } };
  try {
    if ((await client.find(referenceOf(moved), { metadataOnly: true, signal })) !== undefined) return [];
    await client.apply(moved, { fieldManager, force: false, dryRun: true, fieldValidation: 'Strict', signal });
    return [];
  } catch (error) {
    if (!isApiError(error) || error.status === 0 || error.status === 429) throw error;
    if (!isAboutSchema(error)) return [];
    const findings = await withAllUnknownFields(request, { object, sent: moved, error }, refusalsOf(object, error));
    return findings.map((finding) => inOwnNamespace(finding, object));
  }
}

/** Policies answer as the validation of a kind does, but for their words. */
function isAboutSchema(error: ApiError): boolean {
  return error.code === 'invalid' && !/admission webhook|AdmissionPolicy|denied (?:the )?request/i.test(error.message);
}

function inOwnNamespace(finding: Finding, { metadata }: KubernetesObject): Finding {
  const message = finding.message
    .replaceAll(`${standInNamespace}/${metadata.name}`, `${metadata.namespace}/${metadata.name}`)
    .replaceAll(`namespace "${standInNamespace}"`, `namespace "${metadata.namespace}"`);
  return { ...finding, message };
}
