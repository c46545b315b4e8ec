import { SlipwayError } from '../domain/errors.ts';
import type { Operation } from '../domain/operation.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { followOperation } from './follow.ts';
import type { RemoteInvocation } from './invocation.ts';
import { describeFindings, describeKept, describeTrouble, readSteps, readTrouble } from './operation-trouble.ts';
import { openDisplay } from './progress/progress-display.ts';
import { kindWords, operationGlyph } from './progress/words.ts';
import { operationView } from './views.ts';

export type WaitFlags = {
  readonly wait: boolean;
  readonly waitTimeout?: number | undefined;
};

/** Codes by which an operation refuses what it was given, and leaves the cluster as it is. */
const refusals: ReadonlyMap<string, ExitCode> = new Map([
  ['invalid', exitCodes.usage],
  ['notFound', exitCodes.notFound],
  ['conflict', exitCodes.conflict],
]);

/** Shows an accepted operation to its end and gives the exit code; with --no-wait it only prints the operation. */
export async function awaitOperation(
  call: RemoteInvocation<WaitFlags>,
  operation: Operation,
  title: string,
): Promise<ExitCode> {
  if (!call.flags.wait) return printAccepted(call, operation);
  const ended = await watchOperation(call, operation, title);
  if (ended === undefined) return exitCodes.interrupted;
  await printOutcome(call, ended, title);
  return exitCodeOfOperation(ended);
}

/** Shows an operation until it ends; undefined when the user detached. Throws `timedOut` after --wait-timeout. */
export async function watchOperation(
  call: RemoteInvocation<WaitFlags>,
  operation: Operation,
  title: string,
): Promise<Operation | undefined> {
  const display = openDisplay(call, { id: operation.id, kind: operation.kind, title });
  const deadline =
    call.flags.waitTimeout === undefined ? undefined : AbortSignal.timeout(call.flags.waitTimeout * 1000);
  const signal = AbortSignal.any([call.shell.interrupted, ...(deadline === undefined ? [] : [deadline])]);
  try {
    return await followOperation({
      client: call.client,
      operationId: operation.id,
      signal,
      onEntry: display.add,
      onConnection: display.setConnected,
    });
  } catch (error) {
    if (deadline?.aborted === true && !call.shell.interrupted.aborted) throw timedOut(operation);
    if (!call.shell.interrupted.aborted) throw error;
    call.shell.stderr.write(`\n${detachedLine(operation)}\n`);
    return undefined;
  } finally {
    display.stop();
  }
}

function timedOut(operation: Operation): SlipwayError {
  return new SlipwayError('timedOut', `${operation.id} has not ended in the time given by --wait-timeout`, {
    fix: `it goes on: slipway operation watch ${operation.id}`,
  });
}

function detachedLine({ id, kind }: Operation): string {
  return `detached: the ${kindWords[kind]} goes on.  slipway operation watch ${id}  or  slipway operation cancel ${id}`;
}

async function printAccepted(call: RemoteInvocation<WaitFlags>, operation: Operation): Promise<ExitCode> {
  if (call.printer.isForPeople) call.printer.lines([operation.id]);
  else await call.printer.item(operationView, operation);
  call.say(`the ${kindWords[operation.kind]} was accepted: slipway operation watch ${operation.id}`);
  return exitCodes.ok;
}

/** The result on stdout, and what went wrong on stderr. */
async function printOutcome(call: RemoteInvocation<WaitFlags>, operation: Operation, title: string): Promise<void> {
  const { printer } = call;
  if (operation.state === 'succeeded') await sayWhatIsLeft(call, operation);
  else await printTrouble(call, operation);
  if (printer.format === 'jsonl') return;
  if (!printer.isForPeople) return printer.item(operationView, operation);
  const glyph = operationGlyph(operation.state);
  const words = [kindWords[operation.kind], title, operation.state].filter((word) => word !== '').join(' ');
  printer.lines([`${printer.paint(glyph.colour, glyph.text)} ${words}  ${printer.paint('gray', operation.id)}`]);
}

/** What a success does not show by itself: what the checks warned of, and what stays in the cluster. */
async function sayWhatIsLeft(call: RemoteInvocation<unknown>, operation: Operation): Promise<void> {
  if (call.globals.quiet) return;
  const kept = await readSteps(call.client, operation.id, 'kept');
  [...describeFindings(operation, call.paint), ...describeKept(kept)].forEach(call.say);
}

/** Why an operation did not succeed, object by object, on stderr. */
export async function printTrouble(call: RemoteInvocation<unknown>, operation: Operation): Promise<void> {
  const trouble = await readTrouble(call.client, operation.id);
  const lines = describeTrouble(operation, trouble, call.paint);
  if (lines.length > 0) call.shell.stderr.write(`${lines.join('\n')}\n`);
}

/** The exit code that tells how an operation ended; one that was refused before it began tells why. */
function exitCodeOfOperation({ state, error, progress }: Operation): ExitCode {
  if (state === 'succeeded') return exitCodes.ok;
  if (progress.failed > 0) return exitCodes.failed;
  return refusals.get(error?.code ?? '') ?? exitCodes.failed;
}
