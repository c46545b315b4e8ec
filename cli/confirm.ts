import { createInterface } from 'node:readline/promises';
import { SlipwayError } from '../domain/errors.ts';
import { mayAsk } from './invocation.ts';
import type { Invocation } from './invocation.ts';

/** Asks before something that cannot be taken back; without a person to ask it needs --yes. Throws when it is refused. */
export async function confirm(call: Pick<Invocation<unknown>, 'shell' | 'globals'>, question: string): Promise<void> {
  if (call.globals.yes) return;
  if (!mayAsk(call)) {
    throw new SlipwayError('invalid', `${question} needs a confirmation`, { fix: 'repeat the command with --yes' });
  }
  const prompt = createInterface({ input: process.stdin, output: process.stderr });
  try {
    const answer = await prompt.question(`${question}? [y/N] `, { signal: call.shell.interrupted });
    if (/^y(es)?$/i.test(answer.trim())) return;
  } finally {
    prompt.close();
  }
  throw new SlipwayError('cancelled', 'nothing was done', { fix: 'answer y, or repeat the command with --yes' });
}
