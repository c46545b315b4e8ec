import type { Finding } from '../finding.ts';
import { isJsonObject, valueAt, type JsonPath } from '../json.ts';
import { labelValueProblem, qualifiedNameProblem } from './object-names.ts';
import { fieldFinding, type ObjectSource } from './object-source.ts';

/** Where metadata stands: the object's own, and that of the pods it makes. */
const metadataPaths: readonly JsonPath[] = [
  ['metadata'],
  ['spec', 'template', 'metadata'],
  ['spec', 'jobTemplate', 'metadata'],
  ['spec', 'jobTemplate', 'spec', 'template', 'metadata'],
];

const selectorPaths: readonly JsonPath[] = [['spec', 'selector', 'matchLabels']];

/** Keys and values of labels, annotations and label selectors. */
export function checkLabels(source: ObjectSource): readonly Finding[] {
  const labelPaths = [...metadataPaths.map((path) => [...path, 'labels']), ...selectorPaths];
  const annotationPaths = metadataPaths.map((path) => [...path, 'annotations']);
  return [
    ...labelPaths.flatMap((path) => checkEntries(source, path, labelValueProblem)),
    ...annotationPaths.flatMap((path) => checkEntries(source, path, () => undefined)),
  ];
}

type ValueRule = (value: string) => string | undefined;

function checkEntries(source: ObjectSource, path: JsonPath, valueProblem: ValueRule): readonly Finding[] {
  const entries = valueAt(source.value, ...path);
  const what = path.at(-1) === 'annotations' ? 'annotation' : 'label';
  if (entries === undefined || entries === null) return [];
  if (!isJsonObject(entries)) {
    return [
      fieldFinding(source, path, {
        severity: 'error',
        code: 'object.malformed',
        message: `${String(path.at(-1))} must be a mapping.`,
      }),
    ];
  }
  return Object.entries(entries).flatMap(([key, value]) => {
    const place = [...path, key];
    const keyProblem = qualifiedNameProblem(what === 'annotation' ? key.toLowerCase() : key);
    return [
      ...(keyProblem === undefined ? [] : [invalidKey(source, place, { what, rule: keyProblem })]),
      ...(typeof value === 'string'
        ? invalidValue(source, place, valueProblem(value))
        : [notText(source, place, value)]),
    ];
  });
}

function invalidKey(
  source: ObjectSource,
  path: JsonPath,
  { what, rule }: { readonly what: string; readonly rule: string },
): Finding {
  return fieldFinding(source, path, {
    severity: 'error',
    code: what === 'annotation' ? 'object.invalidAnnotationKey' : 'object.invalidLabelKey',
    message: `"${String(path.at(-1))}" is not a key for ${what === 'annotation' ? 'an annotation' : 'a label'}: it may have ${rule}.`,
    fix: 'Change the key.',
  });
}

function invalidValue(source: ObjectSource, path: JsonPath, rule: string | undefined): readonly Finding[] {
  if (rule === undefined) return [];
  return [
    fieldFinding(source, path, {
      severity: 'error',
      code: 'object.invalidLabelValue',
      message: `The value of the label "${String(path.at(-1))}" must be ${rule}.`,
      fix: 'Change the value, or use an annotation for free text.',
    }),
  ];
}

/** A value that must be a text but that YAML reads as something else: `version: 1.0`, `enabled: yes`. */
export function notText(source: ObjectSource, path: JsonPath, value: unknown): Finding {
  const found =
    value === null
      ? 'nothing'
      : Array.isArray(value)
        ? 'a list'
        : isJsonObject(value)
          ? 'a mapping'
          : `a ${typeof value}`;
  return fieldFinding(source, path, {
    severity: 'error',
    code: 'object.notText',
    message: `The value of "${String(path.at(-1))}" must be a text, but YAML reads it as ${found}.`,
    fix: isJsonObject(value) || Array.isArray(value) ? 'Give a single text.' : 'Put the value in quotes.',
  });
}
