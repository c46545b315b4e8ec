import { z } from 'zod';
import { isInstalled } from '../../../domain/chart-components.ts';
import type { Finding } from '../../../domain/finding.ts';
import { kubernetesObjectSchema, type KubernetesObject } from '../../../domain/kubernetes-object.ts';
import { valuesWithCrds, type ChartDescription } from '../../../domain/registry/from-chart.ts';
import { findProgram } from '../../design-source/find-program.ts';
import { readDefinitions } from '../definition-documents.ts';
import type { ExtractionContext } from '../extraction-context.ts';
import { templateChart } from '../helm/template.ts';

/** What a chart renders to: with its values, and those that make it bring its kinds. */
export type RenderedObjects =
  | { readonly objects: readonly KubernetesObject[] }
  | { readonly findings: readonly Finding[] };

/** Renders a packed chart; undefined, with a note, where there is no helm to do it. */
export async function renderChart(
  context: ExtractionContext,
  chart: ChartDescription,
  path: string,
): Promise<RenderedObjects | undefined> {
  const { options, note } = context;
  const program = await findProgram(options.programs.helm);
  if (program === undefined) {
    note(notRendered(chart.name));
    return undefined;
  }
  const values = valuesWithCrds(chart.values);
  const templated = await templateChart({
    program,
    scratch: options.scratch,
    chart: path,
    values: values === undefined ? undefined : JSON.stringify(values),
    namespace: chart.name,
    releaseName: chart.name,
    signal: options.signal,
  });
  return 'finding' in templated ? { findings: [templated.finding] } : readObjects(context, templated.text, chart.name);
}

/** What Helm renders it then applies, but for what only tests, deletes and rollbacks need. What is no object is left out, with a note. */
function readObjects({ note }: ExtractionContext, text: string, name: string): RenderedObjects {
  const { documents, findings } = readDefinitions(Buffer.from(text), `what ${name} renders to`);
  if (findings.length > 0) return { findings };
  const objects = documents.flatMap(({ value }) => {
    const object = kubernetesObjectSchema.safeParse(value);
    if (!object.success) note(notAnObject(name, object.error));
    return object.success ? [object.data] : [];
  });
  return { objects: objects.filter(isInstalled) };
}

function notAnObject(name: string, error: z.ZodError): Finding {
  return {
    severity: 'warning',
    code: 'helm.notAnObject',
    message: `The chart ${name} renders a document that is no Kubernetes object, which its installation leaves out: ${z.prettifyError(error)}.`,
    fix: 'Look at what "helm template" gives, and correct the template.',
    subject: name,
  };
}

function notRendered(name: string): Finding {
  return {
    severity: 'warning',
    code: 'helm.missing',
    message: `The chart ${name} was not rendered, as the program helm is not there: kinds in its templates and what it installs are unknown.`,
    fix: 'Run "slipway doctor".',
    subject: name,
  };
}
