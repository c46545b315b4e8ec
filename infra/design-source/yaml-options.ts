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

/** YAML 1.1 and these numbers, for writing: what any of them would take for something else than a text is quoted. */
export function withGoNumbers(tags: Tags): Tags {
  return [octal, exponent, ...tags];
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
