import { describeObject } from '../../domain/kubernetes-object.ts';
import { formatDuration } from '../duration.ts';
import { count, printable } from '../output/text.ts';
import type { Line, Segment } from '../output/text.ts';
import type { PhaseProgress, ProgressView, StageProgress, StepProgress } from './progress-state.ts';
import { glyphOf, kindWords, operationGlyph, phaseWords, stepWords } from './words.ts';
import type { GlyphName } from './words.ts';

/**
 * How much of each stage is shown; every level needs fewer lines than the one before.
 * `tight` leaves out finished and waiting stages, and counts them together.
 */
const details = ['everything', 'unfinished', 'notable', 'tight'] as const;
type Detail = (typeof details)[number];

export type FrameOptions = {
  readonly nowMs: number;
  /** Most lines that the frame may have; Infinity where nothing is redrawn. */
  readonly rows: number;
};

/** One frame of an operation's tree: phases, their stages and objects, with as much detail as the rows allow. */
export function renderTree(view: ProgressView, { nowMs, rows }: FrameOptions): readonly Line[] {
  const head = headLine(view, nowMs);
  const trouble = troubleLines(view);
  const room = Math.max(1, rows - 1 - trouble.length);
  const detail = details.find((level) => countLines(view, level) <= room) ?? 'tight';
  const frame = { detail, nowMs, stepsPerStage: detail === 'tight' ? stepsPerStage(view, room) : Infinity };
  const body = view.phases.flatMap((phase) => phaseLines(phase, frame));
  return [head, ...trouble, ...capLines(body, room)];
}

function troubleLines({ trouble }: ProgressView): readonly Line[] {
  return trouble === null ? [] : [[{ text: `  ! ${printable(trouble)}`, colour: 'yellow' }]];
}

type Frame = { readonly detail: Detail; readonly nowMs: number; readonly stepsPerStage: number };

/** A fair share of the rows for the objects of each stage that has some in motion or in trouble. */
function stepsPerStage(view: ProgressView, room: number): number {
  const stages = view.phases.flatMap((phase) => shownStages(phase, 'tight')).length;
  const headings = view.phases.length * 2 + stages * 2;
  return Math.max(1, Math.floor((room - headings) / Math.max(1, stages)));
}

/** The number of lines below the head, counted without formatting any. */
function countLines(view: ProgressView, detail: Detail): number {
  return view.phases.reduce((sum, phase) => {
    const stages = shownStages(phase, detail);
    const lines = stages.reduce((inner, stage) => inner + 1 + countSteps(stage, detail), 0);
    return sum + 1 + lines + (detail === 'tight' && stages.length < phase.stages.size ? 1 : 0);
  }, 0);
}

function countSteps(stage: StageProgress, detail: Detail): number {
  if (detail === 'everything') return stage.steps.size;
  if (detail === 'unfinished') return isStageDone(stage) ? 0 : stage.steps.size;
  return stage.notable.size;
}

function capLines(lines: readonly Line[], room: number): readonly Line[] {
  if (lines.length <= room) return lines;
  const kept = lines.slice(0, Math.max(0, room - 1));
  return [...kept, grayLine(`  … ${count(lines.length - kept.length, 'more line')}`)];
}

function headLine(view: ProgressView, nowMs: number): Line {
  const glyph = operationGlyph(view.state);
  const elapsed = formatDuration((view.endedMs ?? nowMs) - view.startedMs);
  const message = view.message === null ? '' : `  ${printable(view.message)}`;
  return [
    { text: glyph.text, colour: glyph.colour },
    { text: ` ${kindWords[view.operation.kind]} ${view.operation.title}`, colour: 'bold' },
    { text: `  ${view.state}`, colour: glyph.colour },
    { text: `  ${elapsed}` },
    { text: `  ${view.operation.id}`, colour: 'gray' },
    ...(view.connected ? [] : [{ text: '  connecting again …', colour: 'yellow' } satisfies Segment]),
    { text: message },
  ];
}

function phaseLines(phase: PhaseProgress, frame: Frame): readonly Line[] {
  const shown = shownStages(phase, frame.detail);
  const hidden = phase.stages.size - shown.length;
  return [
    phaseLine(phase, frame.nowMs),
    ...shown.flatMap((stage) => [stageLine(stage), ...stepLines(stage, frame)]),
    ...(frame.detail === 'tight' && hidden > 0 ? [grayLine(`    ${count(hidden, 'stage')} finished or waiting`)] : []),
  ];
}

function shownStages(phase: PhaseProgress, detail: Detail): readonly StageProgress[] {
  const stages = [...phase.stages.values()].toSorted((a, b) => a.stage - b.stage);
  return detail === 'tight' ? stages.filter((stage) => stage.notable.size > 0) : stages;
}

function phaseLine(phase: PhaseProgress, nowMs: number): Line {
  const totals = totalsOf([...phase.stages.values()]);
  const glyph = glyphOf(phaseGlyph(phase, totals));
  const progress = totals.total === 0 ? '' : `  ${totals.done} of ${count(totals.total, nounOf(phase.phase))}`;
  return [
    { text: '  ' },
    glyph,
    { text: ` ${phaseWords[phase.phase]}`, colour: 'bold' },
    { text: progress },
    ...troubleSegments(totals),
    { text: `  ${formatDuration((phase.endedMs ?? nowMs) - phase.startedMs)}`, colour: 'gray' },
    { text: phase.message === null ? '' : `  ${printable(phase.message)}` },
  ];
}

/** What the steps of a phase are about. */
function nounOf(phase: PhaseProgress['phase']): string {
  return phase === 'generate' ? 'source' : 'object';
}

function stageLine(stage: StageProgress): Line {
  const { counts } = stage;
  const total = stage.steps.size;
  const words = [
    `${counts.done} of ${total} done`,
    ...(counts.active > 0 ? [`${counts.active} in progress`] : []),
    ...(counts.waiting > 0 && counts.waiting < total ? [`${counts.waiting} waiting`] : []),
  ].join(', ');
  const waiting = counts.waiting === total;
  return [
    { text: '    ' },
    glyphOf(stageGlyph(stage)),
    { text: ` stage ${stage.stage}` },
    { text: `  ${waiting ? `${total} waiting` : words}`, colour: 'gray' },
    ...troubleSegments(counts),
  ];
}

function stepLines(stage: StageProgress, frame: Frame): readonly Line[] {
  if (countSteps(stage, frame.detail) === 0) return [];
  const all = frame.detail === 'everything' || frame.detail === 'unfinished';
  const steps = all
    ? [...stage.steps.values()].toSorted((a, b) => a.step.position - b.step.position)
    : failedFirst([...stage.notable.values()]);
  const shown = steps.slice(0, frame.stepsPerStage);
  const left = steps.length - shown.length;
  return [
    ...shown.map((progress) => stepLine(progress, frame.nowMs)),
    ...(left > 0 ? [grayLine(`      … ${left} more in progress or failed`)] : []),
  ];
}

/** Where not all are shown, failed ones must survive the cut. */
function failedFirst(steps: readonly StepProgress[]): readonly StepProgress[] {
  return [...steps.filter(({ group }) => group === 'failed'), ...steps.filter(({ group }) => group !== 'failed')];
}

function grayLine(text: string): Line {
  return [{ text, colour: 'gray' }];
}

function stepLine(progress: StepProgress, nowMs: number): Line {
  const { step, group, startedMs, endedMs } = progress;
  const glyph = glyphOf(group);
  const seconds = startedMs === null ? '' : `  ${formatDuration((endedMs ?? nowMs) - startedMs)}`;
  const message = step.message === null ? '' : `  ${printable(step.message)}`;
  return [
    { text: '      ' },
    glyph,
    { text: ` ${printable(describeObject(step.reference))}` },
    { text: `  ${stepWords[step.state]}`, colour: glyph.colour },
    { text: seconds, colour: 'gray' },
    { text: message, ...(group === 'failed' ? { colour: 'red' as const } : {}) },
  ];
}

type Totals = { readonly total: number; readonly done: number; readonly failed: number; readonly blocked: number };

function totalsOf(stages: readonly StageProgress[]): Totals {
  return stages.reduce(
    (sum, { steps, counts }) => ({
      total: sum.total + steps.size,
      done: sum.done + counts.done,
      failed: sum.failed + counts.failed,
      blocked: sum.blocked + counts.blocked,
    }),
    { total: 0, done: 0, failed: 0, blocked: 0 },
  );
}

function troubleSegments({ failed, blocked }: Pick<Totals, 'failed' | 'blocked'>): readonly Segment[] {
  return [
    ...(failed > 0 ? [{ text: `, ${failed} failed`, colour: 'red' } satisfies Segment] : []),
    ...(blocked > 0 ? [{ text: `, ${blocked} blocked`, colour: 'yellow' } satisfies Segment] : []),
  ];
}

function isStageDone(stage: StageProgress): boolean {
  return stage.counts.done === stage.steps.size;
}

function stageGlyph(stage: StageProgress): GlyphName {
  if (stage.counts.failed > 0) return 'failed';
  if (isStageDone(stage)) return 'done';
  if (stage.counts.blocked > 0) return 'blocked';
  return stage.counts.waiting === stage.steps.size ? 'waiting' : 'active';
}

function phaseGlyph(phase: PhaseProgress, totals: Totals): GlyphName {
  if (totals.failed > 0) return 'failed';
  if (phase.endedMs === null) return 'active';
  return totals.blocked > 0 ? 'blocked' : 'done';
}
