import type { Finding } from '../finding.ts';
import { isJsonObject, objectAt, stringAt, valueAt } from '../json.ts';
import { kubernetesObjectSchema, type KubernetesObject } from '../kubernetes-object.ts';
import { checkData } from './check-data.ts';
import { checkLabels } from './check-labels.ts';
import { cleanObject } from './clean-object.ts';
import { didYouMean } from './closest-name.ts';
import type { DraftComponent } from './draft.ts';
import { isKubernetesGroup, kubernetesKind, kubernetesKindsIn } from './known-kinds.ts';
import { designLimits } from './limits.ts';
import { nameProblem, namespaceProblem, type NameProblem } from './object-names.ts';
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
  checkMetadata,
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

function checkMetadata(source: ObjectSource): readonly Finding[] {
  const { metadata } = source.value;
  if (metadata !== undefined && metadata !== null && !isJsonObject(metadata)) {
    return [
      fieldFinding(source, ['metadata'], {
        severity: 'error',
        code: 'object.malformed',
        message: 'metadata must be a mapping.',
      }),
    ];
  }
  const name = valueAt(metadata, 'name');
  if (typeof name === 'string' && name !== '') return checkName(source, name);
  if (stringAt(metadata, 'generateName') !== undefined) return [generatedName(source)];
  const wrongType = name !== undefined && name !== null && name !== '';
  return [
    fieldFinding(source, name === undefined ? ['metadata'] : ['metadata', 'name'], {
      severity: 'error',
      code: wrongType ? 'object.invalidName' : 'object.missingName',
      message: wrongType
        ? `metadata.name must be a text, but it reads as ${JSON.stringify(name)}.`
        : 'The object has no metadata.name.',
      fix: wrongType ? 'Put the name in quotes.' : 'Add metadata.name.',
    }),
  ];
}

function generatedName(source: ObjectSource): Finding {
  return fieldFinding(source, ['metadata', 'generateName'], {
    severity: 'error',
    code: 'object.generateName',
    message: 'generateName makes a new object on every deploy, so it can be neither changed nor taken out again.',
    fix: 'Give the object a fixed metadata.name instead.',
  });
}

function checkName(source: ObjectSource, name: string): readonly Finding[] {
  const apiVersion = stringAt(source.value, 'apiVersion') ?? '';
  const kind = stringAt(source.value, 'kind') ?? '';
  const problem = nameProblem({ apiVersion, kind }, name);
  if (problem !== undefined) return [invalidName(source, name, problem)];
  const expected = prescribedName(source);
  if (expected === undefined || expected === name) return [];
  return [
    fieldFinding(source, ['metadata', 'name'], {
      severity: 'error',
      code: 'object.invalidName',
      message: `The name of this ${kind} must be "${expected}", as its spec says, but it is "${name}".`,
      fix: `Write metadata.name: ${expected}, or correct the spec.`,
    }),
  ];
}

function invalidName(source: ObjectSource, name: string, problem: NameProblem): Finding {
  return fieldFinding(source, ['metadata', 'name'], {
    severity: 'error',
    code: 'object.invalidName',
    message: `The name "${name}" is not allowed for kind ${stringAt(source.value, 'kind') ?? '(none)'}: it may have ${problem.rule}.`,
    fix: problem.suggestion === undefined ? 'Choose another name.' : `For example: ${problem.suggestion}.`,
  });
}

/** Kinds whose name the API server derives from their spec. */
function prescribedName({ value }: ObjectSource): string | undefined {
  const group = stringAt(value, 'spec', 'group');
  if (group === undefined) return undefined;
  if (value['kind'] === 'CustomResourceDefinition') {
    const plural = stringAt(value, 'spec', 'names', 'plural');
    return plural === undefined ? undefined : `${plural}.${group}`;
  }
  if (value['kind'] !== 'APIService') return undefined;
  const version = stringAt(value, 'spec', 'version');
  return version === undefined ? undefined : `${version}.${group}`;
}

function checkNamespace(source: ObjectSource): readonly Finding[] {
  const metadata = objectAt(source.value, 'metadata');
  if (!Object.hasOwn(metadata, 'namespace')) return [];
  const { namespace } = metadata;
  if (typeof namespace !== 'string' || namespace === '') {
    const empty = namespace === '' || namespace === null;
    return [
      fieldFinding(source, ['metadata', 'namespace'], {
        severity: 'error',
        code: empty ? 'object.emptyNamespace' : 'object.invalidNamespace',
        message: empty
          ? 'metadata.namespace is there but empty.'
          : `metadata.namespace must be a text, but it reads as ${JSON.stringify(namespace)}.`,
        fix: empty ? "Name the namespace, or remove the field to use the design's." : 'Put the namespace in quotes.',
      }),
    ];
  }
  const problem = namespaceProblem(namespace);
  if (problem === undefined) return [];
  return [
    fieldFinding(source, ['metadata', 'namespace'], {
      severity: 'error',
      code: 'object.invalidNamespace',
      message: `"${namespace}" is not a name for a namespace: it may have ${problem.rule}.`,
      fix: problem.suggestion === undefined ? 'Choose another name.' : `For example: ${problem.suggestion}.`,
    }),
  ];
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
