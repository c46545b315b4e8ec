import { execFile } from 'node:child_process';

const outputBytesMax = 64 * 1024 * 1024;
const complaintLength = 300;

/** A program with the environment that it runs in. */
export type Program = { readonly path: string; readonly environment: Readonly<Record<string, string>> };

/** Runs it to its end. Throws with the last line that it wrote to standard error. */
export function runProgram({ path, environment }: Program, args: readonly string[]): Promise<void> {
  return new Promise((resolve, reject) => {
    execFile(path, args, { env: environment, maxBuffer: outputBytesMax }, (error, _output, errors) => {
      if (error === null) resolve();
      else reject(new Error(lastLine(errors) ?? error.message, { cause: error }));
    });
  });
}

function lastLine(text: string): string | undefined {
  const line = text.trimEnd().split('\n').at(-1);
  return line === undefined || line === '' ? undefined : line.slice(0, complaintLength);
}
