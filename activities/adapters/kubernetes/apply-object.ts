import { setTimeout as sleep } from 'node:timers/promises';
import { SlipwayError } from '../../../domain/errors.ts';
import { describeImmutable, immutableFieldsOf, recreationOf } from '../../../domain/immutable-fields.ts';
import { describeObject, type KubernetesObject, referenceOf } from '../../../domain/kubernetes-object.ts';
import { fieldManager } from '../../../domain/ownership.ts';
import { type ApiError, isApiError } from '../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../infra/kubernetes/cluster-client.ts';
import { waitUntilGone } from './wait-until-gone.ts';

export type ApplyPolicy = {
  /** Take over fields that other managers own. */
  readonly forceConflicts: boolean;
  /** Delete and create again what cannot be changed in place. */
  readonly replace: boolean;
};

export type ApplyRequest = {
  readonly client: ClusterClient;
  readonly object: KubernetesObject;
  readonly policy: ApplyPolicy;
  /** How long an admission webhook that does not answer is waited for. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal;
};

const webhookPauseMs = 1_000;

/**
 * Applies one object server-side and gives it as it is live. An object that is being deleted under the same name, or whose
 * namespace is, is waited for, and so is an admission webhook whose backend is starting. Throws SlipwayError with what a
 * person can do.
 */
export async function applyObject(request: ApplyRequest): Promise<KubernetesObject> {
  const deadline = Date.now() + request.timeoutMs;
  for (;;) {
    try {
      const live = await patch(request);
      if (live.metadata.deletionTimestamp === undefined) return live;
      await waitUntilGone(request.client, live, request.signal);
    } catch (error) {
      if (!isApiError(error)) throw error;
      if (await namespaceWentAway(request, error)) continue;
      if (isWebhookAway(error) && Date.now() < deadline) {
        await sleep(webhookPauseMs, undefined, { signal: request.signal });
        continue;
      }
      if (!request.policy.replace || !isRefusedChange(error)) throw explain(request.object, error);
      await deleteForReplacement(request);
    }
  }
}

async function patch({ client, object, policy, signal }: ApplyRequest): Promise<KubernetesObject> {
  const { object: live } = await client.apply(object, { fieldManager, force: policy.forceConflicts, signal });
  return live;
}

const isWebhookAway = ({ status, code, mayHaveLanded }: ApiError): boolean =>
  status === 500 && code === 'unavailable' && !mayHaveLanded;

const isRefusedChange = (error: ApiError): boolean => immutableFieldsOf(error) !== undefined;

/** A namespace that is being deleted refuses new objects until it is gone: https://kubernetes.io/docs/concepts/overview/working-with-objects/namespaces. */
async function namespaceWentAway({ client, object, signal }: ApplyRequest, error: ApiError): Promise<boolean> {
  const { namespace } = object.metadata;
  const isTerminating = error.status === 403 && /being terminated/.test(error.message);
  if (!isTerminating || namespace === undefined) return false;
  const live = await client.find({ apiVersion: 'v1', kind: 'Namespace', name: namespace }, { signal });
  if (live?.metadata.deletionTimestamp !== undefined) await waitUntilGone(client, live, signal);
  return live !== undefined;
}

async function deleteForReplacement({ client, object, signal }: ApplyRequest): Promise<void> {
  const reference = referenceOf(object);
  const recreation = recreationOf(reference);
  if (recreation === undefined) {
    const { message, fix } = describeImmutable(reference, []);
    throw new SlipwayError('invalid', message, { fix });
  }
  const live = await client.get(reference, { signal });
  const { uid } = live.metadata;
  await client.delete(reference, { propagation: recreation.propagation, uid, signal });
  await waitUntilGone(client, live, signal);
}

/** The API's refusal in the words of the person who wrote the design. */
function explain(object: KubernetesObject, error: ApiError): SlipwayError {
  const reference = referenceOf(object);
  if (error.fieldConflicts.length > 0) {
    const claims = error.fieldConflicts.map(({ manager, field }) => `${field} (owned by ${manager})`).join(', ');
    return new SlipwayError('conflict', `${describeObject(reference)} has fields of other managers: ${claims}`, {
      fix: 'leave these fields out of the design, or deploy with --force-conflicts to take them over',
      cause: error,
    });
  }
  const fields = immutableFieldsOf(error);
  if (fields === undefined) return error;
  const { message, fix } = describeImmutable(reference, fields);
  return new SlipwayError('invalid', message, { fix, cause: error });
}
