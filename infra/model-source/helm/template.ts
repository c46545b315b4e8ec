import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '../../../domain/finding.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import { programFailed } from '../../design-source/program-findings.ts';
import { type ProgramFailure, runInFolder } from '../../design-source/run-program.ts';
import type { Scratch } from '../scratch.ts';

export type Templating = {
  /** The path of the program helm. */
  readonly program: string;
  readonly scratch: Scratch;
  /** The packed chart or the folder of one; a folder holds no links. */
  readonly chart: string;
  /** YAML that goes before the chart's own values. */
  readonly values?: string | undefined;
  readonly namespace: string;
  readonly releaseName: string;
  readonly signal?: AbortSignal | undefined;
};

export type Templated = { readonly text: string } | { readonly finding: Finding };

/**
 * What a chart renders to, its CRDs included, as YAML. Nothing is asked of a cluster or of the network. A chart that cannot be rendered is
 * a finding with Helm's own words and, where it names one, the file and line. Throws SlipwayError `unavailable` where helm cannot be
 * started.
 */
export async function templateChart(templating: Templating): Promise<Templated> {
  const { program, scratch, signal } = templating;
  const folder = scratch.newPath();
  await mkdir(folder, { mode: 0o700 });
  const outcome = await runInFolder({
    program,
    arguments: await helmArguments(templating, folder),
    folder,
    maximumBytes: registryLimits.renderedBytes,
    seconds: registryLimits.templateSeconds,
    signal,
  });
  if (outcome.succeeded) return { text: outcome.output.toString('utf8') };
  return { finding: failure({ ...outcome, messages: outcome.messages.replaceAll(templating.chart, 'the chart') }) };
}

async function helmArguments(templating: Templating, folder: string): Promise<readonly string[]> {
  const { chart, values, namespace, releaseName } = templating;
  const fixed = ['template', '--include-crds', '--namespace', namespace];
  if (values === undefined) return [...fixed, '--', releaseName, chart];
  const file = join(folder, 'values.yaml');
  await writeFile(file, values, { mode: 0o600, flag: 'wx' });
  return [...fixed, '--values', file, '--', releaseName, chart];
}

/** Helm names the place as `chart/templates/web.yaml:12:34`. */
function failure({ messages, limit }: ProgramFailure): Finding {
  if (limit !== undefined) return programFailed('helm.failed', 'helm', { messages, limit });
  const [, file, line, column] = /([\w./-]+\.(?:ya?ml|tpl|txt)):(\d+)(?::(\d+))?/.exec(messages) ?? [];
  const words = messages.replace(/^Error: /, '').replaceAll(/\n*Use --debug flag to render out invalid YAML\s*/g, '');
  return {
    ...programFailed('helm.failed', 'helm', { messages: words }),
    ...(file === undefined ? {} : { file }),
    ...(line === undefined ? {} : { line: Number(line) }),
    ...(column === undefined ? {} : { column: Number(column) }),
  };
}
