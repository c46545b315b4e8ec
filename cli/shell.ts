/** A stream of text that may be a terminal: `process.stdout`, or a recorder in a test. */
export type TextOutput = {
  write(text: string | Uint8Array): unknown;
  readonly isTTY?: boolean;
  readonly columns?: number;
  readonly rows?: number;
};

export type TextInput = AsyncIterable<Buffer | string> & { readonly isTTY?: boolean };

/** All that a run of the CLI sees of the outside. */
export type Shell = {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Data only. */
  readonly stdout: TextOutput;
  /** Progress, warnings, errors and questions. */
  readonly stderr: TextOutput;
  readonly stdin: TextInput;
  /** Aborted by Ctrl-C: whoever waits detaches. */
  readonly interrupted: AbortSignal;
};

/** Whether a person is there to answer: never in a pipe and never in CI. */
export function isInteractive(shell: Shell): boolean {
  return shell.stdin.isTTY === true && shell.stderr.isTTY === true && !isSet(shell.env['CI']);
}

/** Whether progress can be redrawn in place. */
export function canRedraw(shell: Shell): boolean {
  return shell.stderr.isTTY === true && !isSet(shell.env['CI']) && shell.env['TERM'] !== 'dumb';
}

/** Whether an environment variable switches something on: set, and neither empty, 0 nor false. */
export function isSet(value: string | undefined): boolean {
  return value !== undefined && !['', '0', 'false'].includes(value.toLowerCase());
}

export async function readAll(input: TextInput): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of input) chunks.push(typeof chunk === 'string' ? Buffer.from(chunk) : chunk);
  return Buffer.concat(chunks);
}
