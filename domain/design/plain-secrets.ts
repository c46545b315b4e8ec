import type { Finding } from '../finding.ts';
import { isJsonObject, objectAt, stringAt, valueAt, type JsonPath } from '../json.ts';
import { environmentVariables, podSpecs } from './check-data.ts';
import { fieldFinding, type ObjectSource } from './object-source.ts';

const privateKey = /-----BEGIN [A-Z ]*PRIVATE KEY-----/;
/** Formats that their issuers made recognisable: AWS, GitHub, Slack, Google and a kubeconfig's key. */
const knownTokens =
  /\b(AKIA|ASIA)[A-Z0-9]{16}\b|\bgh[pousr]_[A-Za-z0-9]{36,}|\bxox[abprs]-[A-Za-z0-9-]{10,}|\bAIza[A-Za-z0-9_-]{35}\b|\bclient-key-data:\s*\S/;
const secretName = /(PASSWORD|PASSWD|SECRET|TOKEN|API_?KEY|ACCESS_?KEY|PRIVATE_?KEY|CREDENTIALS?)$/i;

/** Secrets that a design carries in plain text: whoever can read the design can read them. Their values are not told. */
export function findPlainSecrets(source: ObjectSource): readonly Finding[] {
  if (source.value['kind'] === 'Secret' && source.value['apiVersion'] === 'v1') return findInSecret(source);
  return [...findInEnvironment(source), ...findInTexts(source)];
}

function findInSecret(source: ObjectSource): readonly Finding[] {
  const map = ['stringData', 'data'].find((name) =>
    Object.values(objectAt(source.value, name)).some((value) => value !== '' && value !== null),
  );
  if (map === undefined) return [];
  return [warning(source, [map], 'This Secret carries its values; whoever can read the design can read them.')];
}

function findInEnvironment(source: ObjectSource): readonly Finding[] {
  return podSpecs(source.value)
    .flatMap((path) => environmentVariables(source.value, path))
    .filter((path) => {
      const value = stringAt(source.value, ...path, 'value') ?? '';
      return secretName.test(stringAt(source.value, ...path, 'name') ?? '') && value !== '' && !value.startsWith('$(');
    })
    .map((path) => {
      const name = stringAt(source.value, ...path, 'name') ?? '';
      return warning(source, [...path, 'value'], `The environment variable ${name} looks like a secret in plain text.`);
    });
}

function findInTexts(source: ObjectSource): readonly Finding[] {
  return [...textPaths(source.value, [])]
    .filter((path) => {
      const text = String(valueAt(source.value, ...path));
      return privateKey.test(text) || knownTokens.test(text);
    })
    .map((path) => warning(source, path, 'Here is a private key or an access token in plain text.'));
}

function* textPaths(value: unknown, path: JsonPath): Generator<JsonPath> {
  if (typeof value === 'string') yield path;
  else if (Array.isArray(value))
    for (const [index, inner] of value.entries()) yield* textPaths(inner, [...path, index]);
  else if (isJsonObject(value))
    for (const [key, inner] of Object.entries(value)) yield* textPaths(inner, [...path, key]);
}

function warning(source: ObjectSource, path: JsonPath, message: string): Finding {
  return fieldFinding(source, path, {
    severity: 'warning',
    code: 'design.plainSecret',
    message,
    fix: 'Keep it out of the design: create the Secret in the cluster, or let a secret store provide it, and refer to it by name.',
  });
}
