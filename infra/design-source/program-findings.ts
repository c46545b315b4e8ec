import type { Finding } from '../../domain/finding.ts';
import type { ProgramFailure } from './run-program.ts';

const maxLength = 500;

/** What each program does to what it is given. */
const tasks = { helm: 'render this chart', kustomize: 'build this folder', kompose: 'convert this' } as const;

/**
 * What a failed program said, or the limit at which it was stopped, as a finding. What it quotes from the files may be secret and is left
 * out.
 */
export function programFailed(
  code: string,
  program: keyof typeof tasks,
  { messages, limit }: Omit<ProgramFailure, 'succeeded'>,
): Finding {
  const finding = { severity: 'error', code } as const;
  if (limit !== undefined) {
    return {
      ...finding,
      message: `${program} was stopped: it took more than ${limit}.`,
      fix: 'Look for what multiplies, such as loops and repetitions over large numbers, or split the files.',
    };
  }
  const said = withoutQuotes(messages).trim().slice(0, maxLength) || 'it says nothing more';
  return {
    ...finding,
    message: `${program} cannot ${tasks[program]}: ${said}`.replace(/[.]?$/, '.'),
    fix: 'Correct the files; running the same program on them by hand shows more.',
  };
}

/** Go's error messages put values from the input in back quotes. */
export function withoutQuotes(text: string): string {
  return text
    .replaceAll(/`[^`]*`/g, '…')
    .trim()
    .replaceAll(/([:;]?)\s*\n\s*/g, (_break, mark: string) => (mark === '' ? '; ' : `${mark} `));
}

/** A program that is needed and is not there. */
export function programMissing(program: 'kustomize' | 'kompose', what: string): Finding {
  return {
    severity: 'error',
    code: `${program}.missing`,
    message: `${what} needs the program ${program}, which is not installed.`,
    fix: `Install ${program} on the PATH of the Slipway server, or convert it by hand (${program === 'kustomize' ? '"kustomize build"' : '"kompose convert"'}) and give the manifests.`,
  };
}
