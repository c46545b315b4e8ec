import type { ScalarTag, Tags } from 'yaml';

/** `0o17` is an octal number to kubectl, which YAML 1.1 as `yaml` reads it does not know. */
const octal: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:int',
  format: 'OCT12',
  test: /^[-+]?0o[0-7]+$/,
  resolve: (text) => (text.startsWith('-') ? -1 : 1) * Number.parseInt(text.replace(/^[-+]?0o/, ''), 8),
};

/** So is `1e0_3`, underscores and all. */
const exponent: ScalarTag = {
  identify: () => false,
  default: true,
  tag: 'tag:yaml.org,2002:float',
  format: 'EXP_',
  test: /^[-+]?[0-9][0-9_]*[eE][-+]?[0-9][0-9_]*$/,
  resolve: (text) => Number(text.replaceAll('_', '')),
};

/** For writing: a text that YAML 1.1 or Go would take for something else is quoted, and no key is a merge key. */
export function tagsForWriting(tags: Tags): Tags {
  return [octal, exponent, ...tags.filter((tag) => !isMerge(tag))];
}

function isMerge(tag: Tags[number]): boolean {
  return typeof tag === 'string' ? tag === 'merge' : tag.tag === 'tag:yaml.org,2002:merge';
}

/** Dates and base 60 numbers stay texts, as kubectl reads them. */
const notReadByKubectl = new Set(['TIME', 'tag:yaml.org,2002:timestamp']);

function isReadByKubectl(tag: Tags[number]): boolean {
  if (typeof tag === 'string') return true;
  return !notReadByKubectl.has(tag.tag) && !('format' in tag && notReadByKubectl.has(tag.format ?? ''));
}

/** Reads YAML as kubectl (Go's sigs.k8s.io/yaml) does: 1.1 words and merge keys, but no dates and no base 60. */
export const kubectlYaml = {
  version: '1.1',
  merge: true,
  customTags: (tags: Tags): Tags => [octal, exponent, ...tags.filter(isReadByKubectl)],
} as const;
