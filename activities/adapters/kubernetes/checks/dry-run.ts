import type { Finding } from '../../../../domain/finding.ts';
import { describeImmutable, immutableFieldsOf, recreationOf } from '../../../../domain/immutable-fields.ts';
import { isJsonObject } from '../../../../domain/json.ts';
import { describeObject, type KubernetesObject, objectKey, referenceOf } from '../../../../domain/kubernetes-object.ts';
import { diffObjects, type FieldChange } from '../../../../domain/object-diff.ts';
import { fieldManager } from '../../../../domain/ownership.ts';
import { type ApiError, isApiError } from '../../../../infra/kubernetes/api-error.ts';
import type { ClusterClient } from '../../../../infra/kubernetes/cluster-client.ts';
import { withAllUnknownFields } from './unknown-fields.ts';

export type DryRunRequest = {
  readonly client: ClusterClient;
  readonly objects: readonly KubernetesObject[];
  readonly live: ReadonlyMap<string, KubernetesObject>;
  readonly policy: { readonly forceConflicts: boolean; readonly replace: boolean };
  readonly signal: AbortSignal;
};

export type DryRunOutcome = {
  readonly key: string;
  readonly findings: readonly Finding[];
  /** What the server would change, for an object that exists. */
  readonly diff: readonly FieldChange[];
  readonly recreate: boolean;
  /** The server was asked about its schema only, not about the object in its place. */
  readonly predicted: boolean;
};

/** Asks the server what it would do with each object; nothing is written. */
export async function dryRun(request: DryRunRequest): Promise<readonly DryRunOutcome[]> {
  return Promise.all(request.objects.map((object) => dryRunOne(request, object)));
}

async function dryRunOne(request: DryRunRequest, object: KubernetesObject): Promise<DryRunOutcome> {
  const { client, live, policy, signal } = request;
  const reference = referenceOf(object);
  const key = objectKey(reference);
  try {
    const result = await client.apply(object, {
      fieldManager,
      force: policy.forceConflicts,
      dryRun: true,
      fieldValidation: 'Strict',
      signal,
    });
    const before = live.get(key);
    return {
      key,
      findings: result.warnings.map((warning) => warningOf(object, warning)),
      diff: before === undefined ? [] : diffObjects(before, result.object),
      recreate: false,
      predicted: false,
    };
  } catch (error) {
    if (!isApiError(error) || error.status === 0 || error.status === 429) throw error;
    const { findings, recreate } = judge(object, error, policy.replace);
    const all = await withAllUnknownFields(request, { object, sent: object, error }, findings);
    return { key, diff: [], predicted: false, findings: all, recreate };
  }
}

function judge(
  object: KubernetesObject,
  error: ApiError,
  mayReplace: boolean,
): Pick<DryRunOutcome, 'findings' | 'recreate'> {
  const reference = referenceOf(object);
  const immutable = immutableFieldsOf(error);
  if (immutable !== undefined && mayReplace && recreationOf(reference) !== undefined)
    return { findings: [], recreate: true };
  if (immutable !== undefined) {
    const finding = { severity: 'error', code: 'object.immutableField', subject: describeObject(reference) } as const;
    return { findings: [{ ...finding, ...describeImmutable(reference, immutable) }], recreate: false };
  }
  if (error.fieldConflicts.length > 0) return { findings: conflictsOf(object, error), recreate: false };
  return { findings: refusalsOf(object, error), recreate: false };
}

function conflictsOf(object: KubernetesObject, error: ApiError): readonly Finding[] {
  const subject = describeObject(referenceOf(object));
  return error.fieldConflicts.map(({ manager, field }) => ({
    severity: 'error',
    code: 'object.fieldConflict',
    subject,
    path: field.replace(/^\./, ''),
    message: `${field} of ${subject} is owned by ${manager}`,
    fix: 'leave the field out of the design, or deploy with --force-conflicts to take it over',
  }));
}

/** A refusal that depends on the moment (a webhook that is not up) is a warning: the deploy waits for it. */
export function refusalsOf(object: KubernetesObject, error: ApiError): readonly Finding[] {
  const subject = describeObject(referenceOf(object));
  const severity = error.code === 'unavailable' ? 'warning' : 'error';
  if (error.causes.length === 0) {
    return [
      {
        severity,
        code: `object.${error.reason === 'Forbidden' ? 'forbidden' : 'refused'}`,
        subject,
        message: `${subject}: ${error.message}`,
      },
    ];
  }
  return error.causes.map(({ field, message }) => ({
    severity,
    code: 'object.invalidField',
    subject,
    ...(field === '' ? {} : { path: field }),
    message: `${subject}: ${field === '' ? '' : `${field}: `}${message}`,
    fix: `correct ${field === '' ? 'it' : field} in the design`,
  }));
}

function warningOf(object: KubernetesObject, message: string): Finding {
  const subject = describeObject(referenceOf(object));
  return { severity: 'warning', code: 'object.serverWarning', subject, message: `${subject}: ${message}` };
}

/**
 * At most `limit` objects that stand for all: one of each kind and shape first. Objects that differ only in their values
 * are validated alike, but for admission policies that look at values, which the apply itself still asks.
 */
export function representatives(objects: readonly KubernetesObject[], limit: number): readonly KubernetesObject[] {
  const byShape = Map.groupBy(objects, (object) => `${object.apiVersion}/${object.kind} ${shapeOf(object)}`);
  return [...byShape.values()].flatMap(([first]) => (first === undefined ? [] : [first])).slice(0, limit);
}

/** The structure of a value: its keys, the lengths of its lists, not what stands in them; maps of data count as one. */
function shapeOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shapeOf).join(',')}]`;
  if (!isJsonObject(value)) return typeof value;
  return `{${Object.entries(value)
    .map(([name, inner]) => (openMaps.has(name) ? name : `${name}:${shapeOf(inner)}`))
    .join(',')}}`;
}

const openMaps = new Set(['data', 'binaryData', 'stringData', 'labels', 'annotations']);
