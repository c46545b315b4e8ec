import { markdownTable } from '../markdown-table.ts';
import type { Measurement } from './measure.ts';
import { type Action, actions, type ToolName, toolNames } from './tool.ts';

/** The results of all sizes as Markdown, which is text to read as well. */
export function toReport(measurements: readonly Measurement[]): string {
  const sizes = [...new Set(measurements.map(({ size }) => size))];
  return sizes.map((size) => sizeReport(measurements.filter((one) => one.size === size))).join('\n');
}

function sizeReport(measurements: readonly Measurement[]): string {
  const size = measurements[0]?.size ?? 0;
  const tools = toolNames.filter((name) => measurements.some(({ tool }) => tool === name));
  const raw = medians(measurements, 'raw');
  const rows = tools.map((tool) => comparisonRow(tool, medians(measurements, tool), raw));
  const problems = measurements.flatMap(({ tool, action, problem }) =>
    problem === undefined ? [] : [`- ${tool}, ${action}: ${problem}`],
  );
  return [
    `### ${size.toLocaleString('en')} objects`,
    '',
    markdownTable([comparisonHeading, ...rows]),
    ...new Set(problems),
    ...(problems.length > 0 ? [''] : []),
    ...slipwayDetails(medians(measurements, 'slipway'), raw),
  ].join('\n');
}

type Medians = Readonly<Partial<Record<Action, Timed>>>;
type Timed = Measurement & { readonly ms: number };

/** Of each action the measurement with the median time: its details belong to the time that is shown. */
function medians(measurements: readonly Measurement[], tool: ToolName): Medians {
  return Object.fromEntries(
    actions.flatMap((action) => {
      const timed = measurements.filter((one): one is Timed => one.ms !== undefined);
      const sorted = timed
        .filter((one) => one.tool === tool && one.action === action)
        .toSorted((left, right) => left.ms - right.ms);
      const median = sorted[Math.floor((sorted.length - 1) / 2)];
      return median === undefined ? [] : [[action, median]];
    }),
  );
}

const comparisonHeading = ['', 'deploy', 'to raw', 'redeploy', 'to its deploy', 'undeploy', 'to raw'];

function comparisonRow(tool: ToolName, own: Medians, raw: Medians): readonly string[] {
  return [
    tool,
    seconds(own.deploy?.ms),
    ratio(own.deploy, raw.deploy),
    seconds(own.redeploy?.ms),
    ratio(own.redeploy, own.deploy),
    seconds(own.undeploy?.ms),
    ratio(own.undeploy, raw.undeploy),
  ];
}

/** Where Slipway's time goes: by phase, by process, and what it costs in memory and history. */
function slipwayDetails(own: Medians, raw: Medians): readonly string[] {
  const timed = actions.flatMap((action) => own[action] ?? []);
  if (timed.length === 0) return [];
  const processes = [...new Set([...timed, ...(raw.deploy === undefined ? [] : [raw.deploy])].flatMap(processNames))];
  return [
    "Slipway's time by phase:",
    '',
    ...timed.map(({ action, explanation }) => `- ${action}: ${phaseText(explanation?.phases ?? [])}`),
    '',
    markdownTable([
      ['processor time', ...processes],
      ...timed.map((one) => [`slipway ${one.action}`, ...processorCells(one, processes)]),
      ...(raw.deploy === undefined ? [] : [['raw deploy', ...processorCells(raw.deploy, processes)]]),
    ]),
    markdownTable([
      ['', 'workflow events', 'history', ...Object.keys(timed[0]?.peakBytes ?? {}).map((name) => `${name} at most`)],
      ...timed.map(({ action, explanation, peakBytes = {} }) => [
        action,
        String(explanation?.historyEvents ?? ''),
        explanation?.historyBytes === undefined ? '' : `${Math.round(explanation.historyBytes / 1024)} KiB`,
        ...Object.values(peakBytes).map((bytes) => `${Math.round(bytes / 1e6)} MB`),
      ]),
    ]),
  ];
}

function phaseText(phases: readonly { readonly name: string; readonly ms: number }[]): string {
  return phases.map(({ name, ms }) => `${name} ${seconds(ms)}`).join(', ');
}

function processNames({ processorMs = {} }: Measurement): readonly string[] {
  return Object.keys(processorMs);
}

function processorCells({ processorMs = {} }: Measurement, names: readonly string[]): readonly string[] {
  return names.map((name) => seconds(processorMs[name]));
}

function seconds(ms: number | undefined): string {
  return ms === undefined ? '–' : `${(ms / 1000).toFixed(2)} s`;
}

function ratio(one: Timed | undefined, other: Timed | undefined): string {
  return one === undefined || other === undefined ? '–' : (one.ms / other.ms).toFixed(2);
}
