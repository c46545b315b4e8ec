import type { Finding } from '../../../../domain/finding.ts';
import { describeObject, type KubernetesObject, referenceOf } from '../../../../domain/kubernetes-object.ts';
import { type ApiError, isApiError } from '../../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../../infra/kubernetes/cluster-client.ts';

export type UnknownFieldsRequest = { readonly client: ClusterClient; readonly signal: AbortSignal };

const notDeclared = 'field not declared in schema';

/** An object of a design, what was sent of it, and what the server answered. */
export type RefusedApply = {
  readonly object: KubernetesObject;
  readonly sent: KubernetesObject;
  readonly error: ApiError;
};

/**
 * The findings of a refused server-side apply with all fields that the kind does not have: the apply names the first that
 * it meets, each time another. A create reads the whole object before anything else; nothing is written.
 */
export async function withAllUnknownFields(
  { client, signal }: UnknownFieldsRequest,
  { object, sent, error: refusal }: RefusedApply,
  findings: readonly Finding[],
): Promise<readonly Finding[]> {
  if (!refusal.message.includes(notDeclared)) return findings;
  const fields = await client.create(sent, { dryRun: true, fieldValidation: 'Strict', signal }).then(
    () => [],
    (error: unknown) => unknownFieldsIn(error),
  );
  if (fields.length === 0) return findings;
  const others = findings.filter(({ message }) => !message.includes(notDeclared));
  return [...others, ...fields.map((field) => unknownField(object, field))];
}

function unknownFieldsIn(error: unknown): readonly string[] {
  if (!isApiError(error)) throw error;
  return [...error.message.matchAll(/unknown field "([^"]+)"/g)].flatMap(([, field]) => field ?? []);
}

function unknownField(object: KubernetesObject, field: string): Finding {
  const subject = describeObject(referenceOf(object));
  return {
    severity: 'error',
    code: 'object.invalidField',
    subject,
    path: field,
    message: `${subject}: ${field}: ${object.kind} of ${object.apiVersion} has no such field`,
    fix: 'correct the name of the field, or remove it',
  };
}
