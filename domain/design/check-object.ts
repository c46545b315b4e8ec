import type { Finding } from '../finding.ts';
import { isJsonObject, stringAt } from '../json.ts';
import { kubernetesObjectSchema, type KubernetesObject } from '../kubernetes-object.ts';
import { checkData } from './check-data.ts';
import { checkLabels } from './check-labels.ts';
import { checkName, checkNamespace } from './check-identity.ts';
import { cleanObject } from './clean-object.ts';
import { didYouMean } from './closest-name.ts';
import type { DraftComponent } from './draft.ts';
import { isKubernetesGroup, kubernetesKind, kubernetesKindsIn } from './known-kinds.ts';
import { designLimits } from './limits.ts';
import { describeSource, fieldFinding, type ObjectSource } from './object-source.ts';
import { findPlainSecrets } from './plain-secrets.ts';
import { hadRemovedKind, removedApi } from './removed-apis.ts';
import { findingAt } from './source-document.ts';

export type CheckedObject = { readonly object?: KubernetesObject; readonly findings: readonly Finding[] };

/** All that can be said of an object without a cluster; no object comes back where something is an error. */
export function checkObject(draft: Pick<DraftComponent, 'object' | 'fieldPlace'>): CheckedObject {
  if (!isJsonObject(draft.object)) return { findings: [notAnObject(draft)] };
  const written: ObjectSource = {
    value: draft.object,
    subject: describeSource(draft.object),
    fieldPlace: draft.fieldPlace,
  };
  const cleaned = cleanObject(written);
  const source: ObjectSource = { ...written, value: cleaned.value };
  const findings = [...cleaned.findings, ...objectChecks.flatMap((check) => check(source))];
  const parsed = kubernetesObjectSchema.safeParse(source.value);
  if (findings.some((finding) => finding.severity === 'error')) return { findings };
  if (!parsed.success)
    return { findings: [...findings, ...parsed.error.issues.map((issue) => malformed(source, issue))] };
  return { object: parsed.data, findings };
}

const objectChecks: readonly ((source: ObjectSource) => readonly Finding[])[] = [
  checkApiVersion,
  checkKind,
  checkName,
  checkNamespace,
  checkLabels,
  checkData,
  checkSize,
  findPlainSecrets,
];

function notAnObject(draft: Pick<DraftComponent, 'object' | 'fieldPlace'>): Finding {
  const found =
    draft.object === null || draft.object === undefined
      ? 'nothing'
      : Array.isArray(draft.object)
        ? 'a list'
        : 'a single value';
  return findingAt(draft.fieldPlace([]), {
    severity: 'error',
    code: 'object.notAnObject',
    message: `Here should be a Kubernetes object, but there is ${found}.`,
    fix: 'Give a mapping with apiVersion, kind and metadata.',
  });
}

function malformed(
  source: ObjectSource,
  issue: { readonly path: readonly PropertyKey[]; readonly message: string },
): Finding {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  return fieldFinding(source, path, { severity: 'error', code: 'object.malformed', message: `${issue.message}.` });
}

function checkApiVersion(source: ObjectSource): readonly Finding[] {
  const apiVersion = source.value['apiVersion'];
  if (typeof apiVersion !== 'string' || apiVersion === '') {
    return [missing(source, 'apiVersion', 'Add apiVersion, such as "v1" or "apps/v1".')];
  }
  if (!/^([a-z0-9]([-a-z0-9.]*[a-z0-9])?\/)?[a-z]([-a-z0-9]*[a-z0-9])?$/.test(apiVersion)) {
    return [
      fieldFinding(source, ['apiVersion'], {
        severity: 'error',
        code: 'object.invalidApiVersion',
        message: `"${apiVersion}" is not an apiVersion: it is "version" or "group/version".`,
        fix: 'Write it as in "v1" or "apps/v1".',
      }),
    ];
  }
  return checkServedApi(source, apiVersion);
}

function checkServedApi(source: ObjectSource, apiVersion: string): readonly Finding[] {
  const kind = stringAt(source.value, 'kind');
  if (kind === undefined) return [];
  const removed = removedApi(apiVersion, kind);
  if (removed !== undefined) {
    return [
      fieldFinding(source, ['apiVersion'], {
        severity: 'warning',
        code: 'object.removedApi',
        message: `Kubernetes ${removed.removedIn} and later do not serve ${kind} at ${apiVersion}.`,
        fix:
          removed.replacement === undefined
            ? `Remove it: nothing replaces ${kind}.`
            : `Write apiVersion: ${removed.replacement}, and check the fields that changed with it.`,
      }),
    ];
  }
  if (
    !isKubernetesGroup(apiVersion) ||
    kubernetesKind(apiVersion, kind) !== undefined ||
    hadRemovedKind(apiVersion, kind)
  )
    return [];
  return [
    fieldFinding(source, ['kind'], {
      severity: 'warning',
      code: 'object.unknownKind',
      message: `Kubernetes has no kind ${kind} in ${apiVersion}.${didYouMean(kind, kubernetesKindsIn(apiVersion))}`,
      fix: 'Correct kind or apiVersion.',
    }),
  ];
}

function checkKind(source: ObjectSource): readonly Finding[] {
  const kind = source.value['kind'];
  if (typeof kind !== 'string' || kind === '') return [missing(source, 'kind', 'Add kind, such as "Deployment".')];
  if (/^[A-Za-z][A-Za-z0-9]{0,62}$/.test(kind)) return [];
  return [
    fieldFinding(source, ['kind'], {
      severity: 'error',
      code: 'object.invalidKind',
      message: `"${kind}" is not a kind: a kind has letters and digits only.`,
      fix: 'Write it as in "Deployment".',
    }),
  ];
}

function missing(source: ObjectSource, field: 'apiVersion' | 'kind', fix: string): Finding {
  const given = Object.hasOwn(source.value, field);
  return fieldFinding(source, given ? [field] : [], {
    severity: 'error',
    code: field === 'kind' ? 'object.missingKind' : 'object.missingApiVersion',
    message: given ? `${field} must be a text that is not empty.` : `The object has no ${field}.`,
    fix,
  });
}

function checkSize(source: ObjectSource): readonly Finding[] {
  const bytes = new TextEncoder().encode(JSON.stringify(source.value)).length;
  if (bytes <= designLimits.objectBytes) return [];
  return [
    fieldFinding(source, [], {
      severity: 'error',
      code: 'object.tooLarge',
      message: `The object has ${bytes} bytes as JSON; a cluster stores at most ${designLimits.objectBytes}.`,
      fix: 'Split it into several objects, or load the large part from a volume or an image.',
    }),
  ];
}
