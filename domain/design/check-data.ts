import type { Finding } from '../finding.ts';
import { arrayAt, isJsonObject, valueAt, type JsonPath } from '../json.ts';
import { notText } from './check-labels.ts';
import { dataKeyProblem } from './object-names.ts';
import { fieldFinding, type ObjectSource } from './object-source.ts';

/** Texts that must be texts: the data of ConfigMaps and Secrets, and values of environment variables. */
export function checkData(source: ObjectSource): readonly Finding[] {
  const { kind, apiVersion } = source.value;
  const maps = apiVersion === 'v1' ? dataMaps(kind) : [];
  return [
    ...maps.flatMap((name) => checkDataMap(source, name)),
    ...podSpecs(source.value).flatMap((path) => checkEnvironment(source, path)),
  ];
}

function dataMaps(kind: unknown): readonly string[] {
  if (kind === 'ConfigMap') return ['data', 'binaryData'];
  return kind === 'Secret' ? ['data', 'stringData'] : [];
}

function checkDataMap(source: ObjectSource, name: string): readonly Finding[] {
  const data = source.value[name];
  if (data === undefined || data === null) return [];
  if (!isJsonObject(data)) {
    return [
      fieldFinding(source, [name], {
        severity: 'error',
        code: 'object.malformed',
        message: `${name} must be a mapping.`,
      }),
    ];
  }
  const encoded = name === 'binaryData' || (name === 'data' && source.value['kind'] === 'Secret');
  return Object.entries(data).flatMap(([key, value]) => {
    const path = [name, key];
    const keyProblem = dataKeyProblem(key);
    return [
      ...(keyProblem === undefined ? [] : [invalidDataKey(source, path, keyProblem)]),
      ...(typeof value === 'string'
        ? encoded && !isBase64(value)
          ? [notBase64(source, path)]
          : []
        : emptyOrNotText(source, path, value)),
    ];
  });
}

/** `key:` alone is an empty text to the API server. */
function emptyOrNotText(source: ObjectSource, path: JsonPath, value: unknown): readonly Finding[] {
  return value === null ? [] : [notText(source, path, value)];
}

function invalidDataKey(source: ObjectSource, path: JsonPath, rule: string): Finding {
  return fieldFinding(source, path, {
    severity: 'error',
    code: 'object.invalidDataKey',
    message: `"${String(path.at(-1))}" is not a key for ${String(path[0])}: it may have ${rule}.`,
    fix: 'Change the key.',
  });
}

function notBase64(source: ObjectSource, path: JsonPath): Finding {
  return fieldFinding(source, path, {
    severity: 'error',
    code: 'object.notBase64',
    message: `The value of "${String(path.at(-1))}" must be base64.`,
    fix:
      source.value['kind'] === 'Secret'
        ? 'Encode it, or write the plain text under stringData.'
        : 'Encode it, or write the plain text under data.',
  });
}

/** Base64 as Go's decoder takes it: standard alphabet, padded, line breaks anywhere. */
function isBase64(text: string): boolean {
  const compact = text.replaceAll(/[\r\n]/g, '');
  return compact.length % 4 === 0 && /^[A-Za-z0-9+/]*={0,2}$/.test(compact);
}

const podSpecPaths: readonly JsonPath[] = [
  ['spec'],
  ['spec', 'template', 'spec'],
  ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
];

/** The paths at which an object holds a pod's spec. */
export function podSpecs(value: unknown): readonly JsonPath[] {
  return podSpecPaths.filter((path) => Array.isArray(valueAt(value, ...path, 'containers')));
}

/** The paths of the environment variables in the pod's spec at `path`. */
export function environmentVariables(value: unknown, path: JsonPath): readonly JsonPath[] {
  return ['initContainers', 'containers'].flatMap((list) =>
    arrayAt(value, ...path, list).flatMap((_container, container) =>
      arrayAt(value, ...path, list, container, 'env').map((_variable, variable) => [
        ...path,
        list,
        container,
        'env',
        variable,
      ]),
    ),
  );
}

function checkEnvironment(source: ObjectSource, podSpec: JsonPath): readonly Finding[] {
  return environmentVariables(source.value, podSpec).flatMap((variable) => {
    const path = [...variable, 'value'];
    const value = valueAt(source.value, ...path);
    return value === undefined || value === null || typeof value === 'string' ? [] : [notText(source, path, value)];
  });
}
