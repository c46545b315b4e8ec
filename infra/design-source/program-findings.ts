import type { Finding } from '../../domain/finding.ts';

const maxLength = 500;

/** What a failed program said, as a finding. What it quotes from the files may be secret and is left out. */
export function programFailed(code: string, program: string, messages: string): Finding {
  const said = withoutQuotes(messages).trim();
  return {
    severity: 'error',
    code,
    message:
      `${program} cannot convert this: ${said === '' ? 'it says nothing more' : said.slice(0, maxLength)}`.replace(
        /[.]?$/,
        '.',
      ),
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
