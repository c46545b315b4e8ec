import type { Finding } from '../finding.ts';
import { isJsonObject, objectAt, stringAt, valueAt } from '../json.ts';
import { nameProblem, namespaceProblem, type NameProblem } from './object-names.ts';
import { fieldFinding, type ObjectSource } from './object-source.ts';

/** `metadata.name`: there, a text, and good for its kind. */
export function checkName(source: ObjectSource): readonly Finding[] {
  const { metadata } = source.value;
  if (metadata !== undefined && metadata !== null && !isJsonObject(metadata)) return [notAMapping(source)];
  const name = valueAt(metadata, 'name');
  if (typeof name === 'string' && name !== '') return checkNameText(source, name);
  if (name !== undefined && name !== null && name !== '') return [nameIsNoText(source)];
  return [stringAt(metadata, 'generateName') === undefined ? missingName(source) : generatedName(source)];
}

function notAMapping(source: ObjectSource): Finding {
  return fieldFinding(source, ['metadata'], {
    severity: 'error',
    code: 'object.malformed',
    message: 'metadata must be a mapping.',
  });
}

function missingName(source: ObjectSource): Finding {
  const path = valueAt(source.value, 'metadata', 'name') === undefined ? ['metadata'] : ['metadata', 'name'];
  return fieldFinding(source, path, {
    severity: 'error',
    code: 'object.missingName',
    message: 'The object has no metadata.name.',
    fix: 'Add metadata.name.',
  });
}

function nameIsNoText(source: ObjectSource): Finding {
  return fieldFinding(source, ['metadata', 'name'], {
    severity: 'error',
    code: 'object.invalidName',
    message: 'metadata.name must be a text, but YAML reads it as something else.',
    fix: 'Put the name in quotes.',
  });
}

function generatedName(source: ObjectSource): Finding {
  return fieldFinding(source, ['metadata', 'generateName'], {
    severity: 'error',
    code: 'object.generateName',
    message: 'generateName makes a new object on every deploy, so it can be neither changed nor taken out again.',
    fix: 'Give the object a fixed metadata.name instead.',
  });
}

function checkNameText(source: ObjectSource, name: string): readonly Finding[] {
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

/** `metadata.namespace`: absent, or a namespace's name. */
export function checkNamespace(source: ObjectSource): readonly Finding[] {
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
          : 'metadata.namespace must be a text, but YAML reads it as something else.',
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
