import { describeObject } from '../../domain/kubernetes-object.ts';
import type { OperationStep, ProgressEntry, StepChoice } from '../../domain/operation.ts';
import { renderFinding } from '../output/errors.ts';
import type { Paint } from '../output/style.ts';
import { printable } from '../output/text.ts';
import { groupOfStep } from './progress-state.ts';
import { choiceWords, glyphOf, operationGlyph, phaseWords, stepWords, troubleIsOver } from './words.ts';

/** The lines that a log shows for one entry: time, phase, what moved and where to; none for an object that only waits. */
export function renderEntry({ time, change }: ProgressEntry, paint: Paint): readonly string[] {
  if (change.type === 'step') return stepLines(time, change.step, paint);
  if (change.type === 'finding') return renderFinding(change.finding, paint).map((line) => `${time} ${line}`);
  if (change.type === 'phase')
    return [withMessage(`${time} ${paint('bold', phaseWords[change.phase])}`, change.message)];
  if (change.type === 'choice') return [choiceLine(time, change.choice)];
  if (change.type === 'trouble') return [`${time} ${paint('yellow', printable(change.message ?? troubleIsOver))}`];
  const { colour } = operationGlyph(change.state);
  return [withMessage(`${time} operation ${paint(colour, change.state)}`, change.message)];
}

function stepLines(time: string, step: OperationStep, paint: Paint): readonly string[] {
  const group = groupOfStep(step.state);
  if (group === 'waiting') return [];
  const state = paint(glyphOf(group).colour, stepWords[step.state]);
  const line = `${time} ${phaseWords[step.phase]} ${step.stage} ${printable(describeObject(step.reference))} ${state}`;
  const fix = step.fix === null ? [] : [`${time}   fix: ${printable(step.fix)}`];
  return [withMessage(line, step.message), ...fix];
}

function choiceLine(time: string, { actor, choice, object, reason }: StepChoice): string {
  return withMessage(`${time} ${printable(actor)} ${choiceWords[choice]} ${printable(object)}`, reason);
}

function withMessage(line: string, message: string | null | undefined): string {
  return message === null || message === undefined || message === '' ? line : `${line}: ${printable(message)}`;
}
