import { hasErrors } from '../domain/finding.ts';
import { describeObject } from '../domain/kubernetes-object.ts';
import type { ObjectReference } from '../domain/kubernetes-object.ts';
import type { PlanChange } from '../domain/plan-changes.ts';
import type { PlanGraph, PlanNode } from '../domain/plan-graph.ts';
import type { FieldChange } from '../domain/object-diff.ts';
import type { StepAction } from '../domain/operation.ts';
import type { Plan } from './api-schemas.ts';
import { renderFinding } from './output/errors.ts';
import type { Colour, Paint } from './output/style.ts';
import { count, printable } from './output/text.ts';

const marks: Readonly<Record<StepAction, { readonly mark: string; readonly colour: Colour }>> = {
  create: { mark: '+', colour: 'green' },
  update: { mark: '~', colour: 'yellow' },
  unchanged: { mark: '=', colour: 'gray' },
  recreate: { mark: '±', colour: 'red' },
  delete: { mark: '-', colour: 'red' },
  restore: { mark: '~', colour: 'yellow' },
  keep: { mark: '=', colour: 'gray' },
};

/** A plan for people: its stages with what happens to each object, field by field, then findings and totals. */
export function renderPlan(plan: Plan, paint: Paint): readonly string[] {
  const changes = new Map(plan.changes.map((change) => [change.key, change]));
  return [
    ...stageLines(plan.graph, 'stage', (node) => nodeLines(node, changes.get(node.key), paint)),
    ...stageLines(plan.prune, 'prune stage', (node) => nodeLines(node, changes.get(node.key), paint)),
    ...[...plan.graph.notes, ...plan.findings].flatMap((finding) => renderFinding(finding, paint)),
    hasErrors(plan.findings) ? 'as it is, this would be refused' : summaryLine(plan.changes),
  ];
}

/** Only what a deploy would change, object by object: what `slipway diff` prints. */
export function renderDiff(plan: Plan, paint: Paint): readonly string[] {
  const references = new Map([...plan.graph.nodes, ...plan.prune.nodes].map((node) => [node.key, node.reference]));
  return plan.changes.filter(isChange).flatMap((change) => changeLines(change, references.get(change.key), paint));
}

/** Whether the cluster would be written to. */
export function isChange(change: PlanChange): boolean {
  return change.action !== 'unchanged' && change.action !== 'keep';
}

/** `3 to create, 1 to update, 20 unchanged`. */
export function summaryLine(changes: readonly PlanChange[]): string {
  const words: readonly (readonly [StepAction, string])[] = [
    ['create', 'to create'],
    ['update', 'to update'],
    ['recreate', 'to recreate'],
    ['restore', 'to restore'],
    ['delete', 'to delete'],
    ['keep', 'to keep'],
    ['unchanged', 'unchanged'],
  ];
  const parts = words
    .map(([action, word]) => [changes.filter((change) => change.action === action).length, word] as const)
    .filter(([amount]) => amount > 0)
    .map(([amount, word]) => `${amount} ${word}`);
  return parts.length === 0 ? 'nothing to do' : parts.join(', ');
}

function stageLines(graph: PlanGraph, word: string, linesOf: (node: PlanNode) => readonly string[]): readonly string[] {
  const stages = [...Map.groupBy(graph.nodes, (node) => node.stage)].toSorted(([a], [b]) => a - b);
  return stages.flatMap(([stage, nodes]) => [
    `${word} ${stage}  ${count(nodes.length, 'object')}`,
    ...nodes.flatMap(linesOf).map((line) => `  ${line}`),
  ]);
}

function nodeLines(node: PlanNode, change: PlanChange | undefined, paint: Paint): readonly string[] {
  return change === undefined
    ? [`  ${printable(describeObject(node.reference))}`]
    : changeLines(change, node.reference, paint);
}

function changeLines(change: PlanChange, reference: ObjectReference | undefined, paint: Paint): readonly string[] {
  const { mark, colour } = marks[change.action];
  const name = printable(reference === undefined ? change.key : describeObject(reference));
  const predicted = change.predicted ? paint('gray', '  (predicted)') : '';
  const message = change.message === undefined ? '' : `  ${printable(change.message)}`;
  const fields = change.action === 'create' ? [] : change.diff;
  return [
    `${paint(colour, `${mark} ${name}`)}  ${change.action}${predicted}${message}`,
    ...fields.map((field) => `    ${renderFieldChange(field, paint)}`),
  ];
}

/** One field: added, removed, or before → after. */
export function renderFieldChange({ path, before, after }: FieldChange, paint: Paint): string {
  if (before === undefined) return paint('green', `+ ${path}: ${valueText(after)}`);
  if (after === undefined) return paint('red', `- ${path}: ${valueText(before)}`);
  return `~ ${path}: ${paint('red', valueText(before))} → ${paint('green', valueText(after))}`;
}

function valueText(value: unknown): string {
  return printable(typeof value === 'string' ? value : JSON.stringify(value ?? null));
}
