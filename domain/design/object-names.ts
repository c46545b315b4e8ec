import { groupOf } from '../kubernetes-object.ts';

/** A rule for names, and how to say it to a person. */
type NameRule = { readonly pattern: RegExp; readonly maxLength: number; readonly says: string };

/** https://kubernetes.io/docs/concepts/overview/working-with-objects/names/ */
const subdomain: NameRule = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/,
  maxLength: 253,
  says: 'lower-case letters, digits, "-" and ".", beginning and ending with a letter or digit (RFC 1123), at most 253 characters',
};
const label: NameRule = {
  pattern: /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
  says: 'lower-case letters, digits and "-", beginning and ending with a letter or digit (RFC 1123), at most 63 characters',
};
const serviceLabel: NameRule = {
  pattern: /^[a-z]([-a-z0-9]*[a-z0-9])?$/,
  maxLength: 63,
  says: 'lower-case letters, digits and "-", beginning with a letter and ending with a letter or digit (RFC 1035), at most 63 characters',
};
const pathSegment: NameRule = {
  pattern: /^(?!\.{1,2}$)[^/%]+$/,
  maxLength: 253,
  says: 'any text but ".", ".." and text with "/" or "%", at most 253 characters',
};
const cronJob: NameRule = { ...subdomain, maxLength: 52, says: subdomain.says.replace('253', '52') };

const rulesByKind: ReadonlyMap<string, NameRule> = new Map([
  ['/Namespace', label],
  ['/Service', serviceLabel],
  ['batch/CronJob', cronJob],
  ['certificates.k8s.io/CertificateSigningRequest', pathSegment],
  ['rbac.authorization.k8s.io/ClusterRole', pathSegment],
  ['rbac.authorization.k8s.io/ClusterRoleBinding', pathSegment],
  ['rbac.authorization.k8s.io/Role', pathSegment],
  ['rbac.authorization.k8s.io/RoleBinding', pathSegment],
]);

export type NameProblem = { readonly rule: string; readonly suggestion?: string };

/** What is wrong with an object's name by the rule of its kind, or undefined. */
export function nameProblem(
  object: { readonly apiVersion: string; readonly kind: string },
  name: string,
): NameProblem | undefined {
  return problemWith(name, rulesByKind.get(`${groupOf(object.apiVersion)}/${object.kind}`) ?? subdomain);
}

/** What is wrong with a namespace's name, or undefined. */
export function namespaceProblem(name: string): NameProblem | undefined {
  return problemWith(name, label);
}

/** Whether a name is good for any kind of object. */
export function isPlainName(name: string): boolean {
  return problemWith(name, serviceLabel) === undefined;
}

function problemWith(name: string, rule: NameRule): NameProblem | undefined {
  if (name.length <= rule.maxLength && rule.pattern.test(name)) return undefined;
  const suggestion = sanitised(name)
    .slice(0, rule.maxLength)
    .replace(/[-.]+$/, '');
  const helps = rule.pattern.test(suggestion) && suggestion !== name;
  return { rule: rule.says, ...(helps ? { suggestion } : {}) };
}

function sanitised(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[^-a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
}

const qualifiedNamePart = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

/** What a label's or annotation's key breaks, or undefined: an optional DNS prefix and "/", then at most 63 characters. */
export function qualifiedNameProblem(key: string): string | undefined {
  const parts = key.split('/');
  const [name, prefix] = parts.length === 1 ? [key] : [parts[1] ?? '', parts[0] ?? ''];
  if (parts.length > 2) return 'at most one "/"';
  if (prefix !== undefined && problemWith(prefix, subdomain) !== undefined) return `before the "/", ${subdomain.says}`;
  if (name.length > 63 || !qualifiedNamePart.test(name)) {
    return 'letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63 characters';
  }
  return undefined;
}

/** What a label's value breaks, or undefined. */
export function labelValueProblem(value: string): string | undefined {
  if (value === '' || (value.length <= 63 && qualifiedNamePart.test(value))) return undefined;
  return 'empty, or letters, digits, "-", "_" and ".", beginning and ending with a letter or digit, at most 63 characters';
}

/** Keys of ConfigMaps and Secrets. */
export function dataKeyProblem(key: string): string | undefined {
  if (/^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== '.' && key !== '..') return undefined;
  return 'letters, digits, "-", "_" and ".", at most 253 characters';
}
