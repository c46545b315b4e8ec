import { groupOf, type KubernetesObject } from '../kubernetes-object.ts';

const maxLength = 253;

/**
 * Names for components whose format has none: `kind-name`, and where two would be the same also their namespace, then their group, then a
 * number. The same objects get the same names in any order, but for the number.
 */
export function deriveComponentNames(
  objects: readonly KubernetesObject[],
  taken: ReadonlySet<string> = new Set(),
): readonly string[] {
  const candidates = objects.map(namesFor);
  const counts = [0, 1, 2].map((level) => countNames(candidates, level));
  const used = new Set(taken);
  return candidates.map((names) => {
    const free =
      names.find((name, level) => counts[level]?.get(name) === 1 && !used.has(name)) ??
      numbered(names.at(-1) ?? '', used);
    used.add(free);
    return free;
  });
}

/** The names to try for one object, shortest first. */
function namesFor(object: KubernetesObject): readonly string[] {
  const { name, namespace } = object.metadata;
  const base = `${object.kind}-${name}`;
  const inNamespace = namespace === undefined ? base : `${base}-${namespace}`;
  const group = groupOf(object.apiVersion);
  return [base, inNamespace, group === '' ? inNamespace : `${inNamespace}-${group}`].map(asComponentName);
}

function countNames(candidates: readonly (readonly string[])[], level: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const names of candidates) {
    const name = names[level] ?? '';
    counts.set(name, (counts.get(name) ?? 0) + 1);
  }
  return counts;
}

function numbered(name: string, used: ReadonlySet<string>): string {
  for (let number = 2; ; number += 1) {
    const candidate = `${name.slice(0, maxLength - 8)}-${number}`;
    if (!used.has(candidate)) return candidate;
  }
}

/** The nearest text that is good as a component's name. */
export function asComponentName(text: string): string {
  const name = text
    .toLowerCase()
    .replaceAll(/[^-a-z0-9.]+/g, '-')
    .replaceAll(/^[-.]+|[-.]+$/g, '');
  if (name.length <= maxLength) return name === '' ? 'component' : name;
  return `${name.slice(0, maxLength - 9)}-${hash(name)}`;
}

/** FNV-1a, 32 bits: tells apart long names that begin alike. */
function hash(text: string): string {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  }
  return (value >>> 0).toString(16).padStart(8, '0');
}
