import { describeObject } from '../domain/kubernetes-object.ts';
import type { Finding } from '../domain/finding.ts';
import { isFinal, operationStepSchema } from '../domain/operation.ts';
import type { Operation, OperationStep, StepState } from '../domain/operation.ts';
import { pageSchema } from './api-schemas.ts';
import { apiPath } from './client.ts';
import type { Client } from './client.ts';
import { commandFix } from './fix-text.ts';
import { renderFinding } from './output/errors.ts';
import type { Paint } from './output/style.ts';
import { count, printable } from './output/text.ts';
import { phaseWords, stepWords } from './progress/words.ts';

/** More than this many troubled objects are counted, not listed. */
const listedSteps = 50;

/** More than this many findings are counted, not listed. */
const listedFindings = 50;

/** The objects that are waited for, with what they still lack; those that failed; and the ones that wait for them. */
export type OperationTrouble = {
  readonly awaited: readonly OperationStep[];
  readonly failed: readonly OperationStep[];
  readonly blocked: readonly OperationStep[];
};

/** What tells how an operation went. */
type Ended = Pick<Operation, 'error' | 'findings' | 'progress' | 'state' | 'trouble'>;

export async function readTrouble(client: Client, operationId: string): Promise<OperationTrouble> {
  const [applied, deleting, failed, blocked] = await Promise.all([
    readSteps(client, operationId, 'applied'),
    readSteps(client, operationId, 'deleting'),
    readSteps(client, operationId, 'failed'),
    readSteps(client, operationId, 'blocked'),
  ]);
  return { awaited: [...applied, ...deleting], failed, blocked };
}

/** The first objects of an operation that are in this state. */
export async function readSteps(
  client: Client,
  operationId: string,
  state: StepState,
): Promise<readonly OperationStep[]> {
  const page = await client.get({
    schema: pageSchema(operationStepSchema),
    path: apiPath('operations', operationId, 'steps'),
    query: { state, limit: listedSteps },
  });
  return page.items;
}

/** Why an operation went wrong: its error, then per failed object the server's message and the fix, then who waits for it. */
export function describeTrouble(operation: Ended, trouble: OperationTrouble, paint: Paint): readonly string[] {
  const { error, progress, trouble: held } = operation;
  return [
    ...(held === null ? [] : [`${paint('yellow', 'held up:')} ${printable(held.message)} (since ${held.since})`]),
    ...(error === null ? [] : [`${paint('red', 'error:')} ${printable(error.message)} (${error.code})`]),
    ...(error?.fix === undefined ? [] : [`  fix:   ${printable(commandFix(error.fix))}`]),
    ...describeFindings(operation, paint),
    ...(isFinal(operation.state) ? [] : trouble.awaited.map((step) => awaitedLine(step, paint))),
    ...trouble.failed.flatMap((step) => failedLines(step, paint)),
    ...moreLine(trouble.failed, progress.failed, 'failed'),
    ...trouble.blocked.map((step) => blockedLine(step, paint)),
    ...moreLine(trouble.blocked, progress.blocked, 'blocked'),
  ];
}

/** What the checks of an operation found, errors first; left out is what its error already says and what the file's own check told. */
export function describeFindings({ error, findings }: Ended, paint: Paint): readonly string[] {
  const found = [...(error?.findings ?? []), ...findings];
  const errors = found.filter(({ severity }) => severity === 'error');
  const isTold = errors.length === 1 && error?.message.includes(errors[0]?.message ?? '') === true;
  const others = findings.filter((finding) => finding.severity === 'warning' && !isOfText(finding));
  const shown = [...(isTold ? [] : errors), ...others];
  const left = shown.length - listedFindings;
  return [
    ...shown.slice(0, listedFindings).flatMap((finding) => renderFinding(finding, paint)),
    ...(left > 0 ? [`  … ${count(left, 'more finding')}: -o yaml shows all`] : []),
  ];
}

/** Whether the check of the text by itself finds this, which is told when a design is stored. */
function isOfText({ file, code }: Finding): boolean {
  return file !== undefined || code.startsWith('design.');
}

/** The objects that a removal leaves in the cluster, each with the reason. */
export function describeKept(steps: readonly OperationStep[]): readonly string[] {
  const kept = steps.filter(({ phase }) => phase === 'remove' || phase === 'prune');
  return kept.map(
    ({ reference, message }) => `stays: ${printable(describeObject(reference))}: ${printable(message ?? 'kept')}`,
  );
}

function failedLines(step: OperationStep, paint: Paint): readonly string[] {
  return [
    `${paint('red', '✗')} ${printable(describeObject(step.reference))}  ${paint('gray', phaseWords[step.phase])}`,
    `    server: ${printable(step.message ?? 'no message')}`,
    ...(step.fix === null ? [] : [`    fix:    ${printable(step.fix)}`]),
  ];
}

function awaitedLine({ reference, state, message }: OperationStep, paint: Paint): string {
  const why = message === null ? '' : `: ${printable(message)}`;
  return `${paint('cyan', '…')} ${printable(describeObject(reference))} ${stepWords[state]}${why}`;
}

function blockedLine(step: OperationStep, paint: Paint): string {
  const why = step.message === null ? '' : `  ${printable(step.message)}`;
  return `${paint('yellow', '⊘')} ${printable(describeObject(step.reference))}${why}`;
}

function moreLine(listed: readonly OperationStep[], total: number, word: string): readonly string[] {
  const left = total - listed.length;
  return left > 0 && listed.length >= listedSteps ? [`  … ${count(left, 'more object')} ${word}`] : [];
}
