import { type RenderedChart, isChart, isInstalled, replaceCharts } from '../../../domain/chart-components.ts';
import type { Component, Design } from '../../../domain/design.ts';
import { type Finding, hasErrors } from '../../../domain/finding.ts';
import { isJsonObject, valueAt } from '../../../domain/json.ts';
import { describeObject, referenceOf } from '../../../domain/kubernetes-object.ts';
import { listMembers } from '../../../infra/database/registry/members.ts';
import { checkDeclarations } from '../../../infra/registry/check-declarations.ts';
import { declaredDefinitions } from '../../../infra/registry/declared-definitions.ts';
import type { OperationContext } from './operation-context.ts';

/** A design whose charts became what they render to, and what is wrong with them. */
export type ExpandedDesign = { readonly design: Design; readonly findings: readonly Finding[] };

/** Renders the charts of a design, each by the chart file that the registry keeps with its definition. */
export async function expandCharts(
  context: OperationContext,
  { design, namespace }: { readonly design: Design; readonly namespace: string },
): Promise<ExpandedDesign> {
  const charts = design.components.filter(isChart);
  const rendered = new Map<string, RenderedChart>();
  const findings = [...(await checkDeclarations(context.database, { components: charts, severityOf: () => 'error' }))];
  for (const component of charts) {
    const release = component.object.metadata.namespace ?? design.namespace ?? namespace;
    const outcome = await render(context, component, release);
    if ('objects' in outcome) rendered.set(component.name, { namespace: release, objects: outcome.objects });
    findings.push(...outcome.findings);
  }
  return { design: replaceCharts(design, rendered), findings };
}

type Outcome =
  | { readonly findings: readonly Finding[] }
  | (Pick<RenderedChart, 'objects'> & { readonly findings: readonly Finding[] });

async function render(context: OperationContext, component: Component, namespace: string): Promise<Outcome> {
  const digest = await chartFileOf(context, component);
  if (digest === undefined) return { findings: [unknownChart(component)] };
  const spec = valueAt(component.object, 'spec');
  const rendering = await context.charts.render({
    digest,
    releaseName: component.object.metadata.name,
    namespace,
    values: isJsonObject(spec) ? spec : {},
    signal: context.signal,
  });
  const findings = rendering.findings.map((finding) => ({
    ...finding,
    subject: describeObject(referenceOf(component.object)),
  }));
  return hasErrors(findings) ? { findings } : { findings, objects: rendering.objects.filter(isInstalled) };
}

/** The digest of the packed chart behind a component, in the model version that the design names or the newest. */
async function chartFileOf({ database }: OperationContext, component: Component): Promise<string | undefined> {
  const [declared] = await declaredDefinitions(database, [component]);
  if (declared?.definition === undefined) return undefined;
  const { items } = await listMembers(database, { modelId: declared.definition.model.id, type: 'attachment' });
  const [chart] = items.filter(({ key }) => key.startsWith('charts/'));
  return chart?.type === 'attachment' ? chart.definition.digest : undefined;
}

function unknownChart({ name, object, model }: Component): Finding {
  const subject = describeObject(referenceOf(object));
  const wanted =
    model === undefined
      ? object.kind
      : `${object.kind} of ${model.name}${model.version === undefined ? '' : `@${model.version}`}`;
  return {
    severity: 'error',
    code: 'chart.unknown',
    subject,
    path: `components.${name}`,
    message: `the registry has no chart ${wanted}`,
    fix: 'import it with `slipway model generate --chart REPOSITORY/CHART`',
  };
}
