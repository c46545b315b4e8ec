import { describeObject } from '../domain/kubernetes-object.ts';
import { operationStepSchema } from '../domain/operation.ts';
import type { Operation, OperationStep } from '../domain/operation.ts';
import { pageSchema } from './api-schemas.ts';
import { apiPath } from './client.ts';
import type { Client } from './client.ts';
import { renderFinding } from './output/errors.ts';
import type { Paint } from './output/style.ts';
import { count, printable } from './output/text.ts';
import { phaseWords } from './progress/words.ts';

/** More than this many troubled objects are counted, not listed. */
const listedSteps = 50;

/** The objects that failed and the ones that wait for them. */
export type OperationTrouble = {
  readonly failed: readonly OperationStep[];
  readonly blocked: readonly OperationStep[];
};

export async function readTrouble(client: Client, operationId: string): Promise<OperationTrouble> {
  const [failed, blocked] = await Promise.all([
    readSteps(client, operationId, 'failed'),
    readSteps(client, operationId, 'blocked'),
  ]);
  return { failed, blocked };
}

async function readSteps(client: Client, operationId: string, state: string): Promise<readonly OperationStep[]> {
  const page = await client.get({
    schema: pageSchema(operationStepSchema),
    path: apiPath('operations', operationId, 'steps'),
    query: { state, limit: listedSteps },
  });
  return page.items;
}

/** Why an operation went wrong: its error, then per failed object the server's message and the fix, then who waits for it. */
export function describeTrouble(operation: Operation, trouble: OperationTrouble, paint: Paint): readonly string[] {
  const { error, progress } = operation;
  return [
    ...(error === null ? [] : [`${paint('red', 'error:')} ${printable(error.message)} (${error.code})`]),
    ...(error?.fix === undefined ? [] : [`  fix:   ${printable(error.fix)}`]),
    ...(error?.findings ?? []).flatMap((finding) => renderFinding(finding, paint)),
    ...trouble.failed.flatMap((step) => failedLines(step, paint)),
    ...moreLine(trouble.failed, progress.failed, 'failed'),
    ...trouble.blocked.map((step) => blockedLine(step, paint)),
    ...moreLine(trouble.blocked, progress.blocked, 'blocked'),
  ];
}

function failedLines(step: OperationStep, paint: Paint): readonly string[] {
  return [
    `${paint('red', '✗')} ${printable(describeObject(step.reference))}  ${paint('gray', phaseWords[step.phase])}`,
    `    server: ${printable(step.message ?? 'no message')}`,
    ...(step.fix === null ? [] : [`    fix:    ${printable(step.fix)}`]),
  ];
}

function blockedLine(step: OperationStep, paint: Paint): string {
  const why = step.message === null ? '' : `  ${printable(step.message)}`;
  return `${paint('yellow', '⊘')} ${printable(describeObject(step.reference))}${why}`;
}

function moreLine(listed: readonly OperationStep[], total: number, word: string): readonly string[] {
  const left = total - listed.length;
  return left > 0 && listed.length >= listedSteps ? [`  … ${count(left, 'more object')} ${word}`] : [];
}
