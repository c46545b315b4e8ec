import { z } from 'zod';
import type { Finding } from '../../../domain/finding.ts';
import { formatPath } from '../../../domain/json.ts';
import { decodeText } from '../../design-source/decode-text.ts';
import { readYaml } from '../../design-source/yaml-documents.ts';
import type { SourceTree } from '../source-tree.ts';

const text = z.string().nullish();
const words = z.array(z.string()).nullish();

const dependencySchema = z.looseObject({
  name: z.string().min(1),
  version: z.coerce.string().nullish(),
  repository: text,
  alias: text,
  condition: text,
  tags: words,
});

/** What is needed of a Chart.yaml: https://helm.sh/docs/topics/charts/#the-chartyaml-file */
export const chartMetadataSchema = z.looseObject({
  apiVersion: text,
  name: z.string().min(1),
  version: z.union([z.string().min(1), z.number().transform(String)]),
  appVersion: z.union([z.string(), z.number().transform(String)]).nullish(),
  type: z.enum(['application', 'library']).nullish(),
  kubeVersion: text,
  description: text,
  home: text,
  icon: text,
  sources: words,
  keywords: words,
  deprecated: z.boolean().nullish(),
  dependencies: z.array(dependencySchema).nullish(),
  annotations: z.record(z.string(), z.coerce.string()).nullish(),
});

export type ChartMetadata = z.infer<typeof chartMetadataSchema>;
export type ChartDependency = z.infer<typeof dependencySchema>;

/** Older charts list what they depend on in a file of its own. */
const requirementsSchema = chartMetadataSchema.pick({ dependencies: true });

export type Read<T> = { readonly value?: T; readonly findings: readonly Finding[] };

/** The Chart.yaml of a folder, with what a requirements.yaml adds. */
export async function readMetadata(tree: SourceTree): Promise<Read<ChartMetadata>> {
  const metadata = await readAs(tree, 'Chart.yaml', chartMetadataSchema);
  if (metadata.value === undefined || !has(tree, 'requirements.yaml')) return metadata;
  const requirements = await readAs(tree, 'requirements.yaml', requirementsSchema);
  const dependencies = [...(metadata.value.dependencies ?? []), ...(requirements.value?.dependencies ?? [])];
  return { value: { ...metadata.value, dependencies }, findings: requirements.findings };
}

/** Whether a tree has a file. */
export function has(tree: SourceTree, path: string): boolean {
  return tree.files.some((file) => file.path === path);
}

/** The text of a file; undefined, with a finding, where it is none. */
export async function readText(tree: SourceTree, path: string): Promise<Read<string>> {
  const decoded = decodeText(await tree.read(path), path);
  return 'finding' in decoded ? { findings: [decoded.finding] } : { value: decoded.text, findings: [] };
}

/** The one YAML document of a file, undefined, with findings, where it is broken; null where it is empty. */
export async function readYamlFile(tree: SourceTree, path: string): Promise<Read<unknown>> {
  const { value: content, findings } = await readText(tree, path);
  if (content === undefined) return { findings };
  const read = readYaml({ text: content, file: path });
  return read.findings.length > 0
    ? { findings: read.findings }
    : { value: read.documents[0]?.value ?? null, findings: [] };
}

async function readAs<T>(tree: SourceTree, path: string, schema: z.ZodType<T>): Promise<Read<T>> {
  const { value, findings } = await readYamlFile(tree, path);
  if (findings.length > 0) return { findings };
  const result = schema.safeParse(value);
  if (result.success) return { value: result.data, findings: [] };
  return { findings: result.error.issues.map((issue) => badField(path, issue)) };
}

function badField(file: string, { path, message }: z.core.$ZodIssue): Finding {
  const field = formatPath(path.map((step) => (typeof step === 'number' ? step : String(step))));
  return {
    severity: 'error',
    code: 'chart.invalid',
    message: `${field === '' ? 'The file' : `The field ${field}`} is not as Helm needs it: ${message}.`,
    fix: 'Correct it; "helm lint" checks the chart.',
    file,
    ...(field === '' ? {} : { path: field }),
  };
}
