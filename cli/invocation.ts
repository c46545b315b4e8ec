import { Command } from 'commander';
import { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import { Client } from './client.ts';
import { exitCodes } from './exit-codes.ts';
import type { ExitCode } from './exit-codes.ts';
import { outputFormats, Printer } from './output/printer.ts';
import { choosePaint, colourModes } from './output/style.ts';
import type { Paint } from './output/style.ts';
import { findServer } from './server-address.ts';
import { isInteractive, isSet } from './shell.ts';
import type { Shell } from './shell.ts';

const globalFlagsSchema = z.object({
  context: z.string().optional(),
  server: z.string().optional(),
  token: z.string().optional(),
  output: z.enum(outputFormats).optional(),
  color: z.enum(colourModes).default('auto'),
  quiet: z.boolean().default(false),
  yes: z.boolean().default(false),
  input: z.boolean().default(true),
});

export type GlobalFlags = z.infer<typeof globalFlagsSchema>;

/** One call of one command: its flags, its arguments, and where its output goes. */
export type Invocation<Flags> = {
  readonly shell: Shell;
  readonly flags: Flags;
  readonly globals: GlobalFlags;
  readonly args: readonly string[];
  /** Data, to stdout. */
  readonly printer: Printer;
  /** Colours for stderr. */
  readonly paint: Paint;
  /** A line for people, to stderr; nothing with --quiet. */
  readonly say: (line: string) => void;
};

export type RemoteInvocation<Flags> = Invocation<Flags> & { readonly client: Client };

/** What a command ends with where it is not simply fine. */
export type Outcome = ExitCode | undefined;
type Handler<Call> = (call: Call) => Promise<Outcome | void>;
/** What commander calls: arguments, options, and the command last. */
type Action = (...call: readonly unknown[]) => Promise<void>;
type ActionCodes = { readonly failed?: ExitCode };

/** Makes commander actions: parses flags by a schema, builds the invocation, and keeps the exit code. */
export class Runner {
  readonly shell: Shell;
  #exitCode: ExitCode = exitCodes.ok;
  #failedCode: ExitCode = exitCodes.failed;

  constructor(shell: Shell) {
    this.shell = shell;
  }

  get exitCode(): ExitCode {
    return this.#exitCode;
  }

  /** The exit code for a failure that has none of its own. */
  get failedCode(): ExitCode {
    return this.#failedCode;
  }

  /** An action that needs no server. */
  local<Schema extends z.ZodType>(
    schema: Schema,
    handler: Handler<Invocation<z.infer<Schema>>>,
    codes: ActionCodes = {},
  ): Action {
    return async (...call) => {
      const command = call.at(-1);
      if (!(command instanceof Command)) throw new TypeError('commander gave no command');
      this.#failedCode = codes.failed ?? exitCodes.failed;
      this.#exitCode = (await handler(invocationOf(this.shell, schema, command))) ?? exitCodes.ok;
    };
  }

  /** An action that calls the server. */
  remote<Schema extends z.ZodType>(
    schema: Schema,
    handler: Handler<RemoteInvocation<z.infer<Schema>>>,
    codes: ActionCodes = {},
  ): Action {
    const connected = async (call: Invocation<z.infer<Schema>>): Promise<Outcome | void> => {
      const address = await findServer(call.shell, call.globals);
      return handler({ ...call, client: new Client(address, call.shell.interrupted) });
    };
    return this.local(schema, connected, codes);
  }
}

function invocationOf<Schema extends z.ZodType>(
  shell: Shell,
  schema: Schema,
  command: Command,
): Invocation<z.infer<Schema>> {
  const options = command.optsWithGlobals();
  const globals = parseFlags(globalFlagsSchema, options);
  const format = globals.output ?? outputFromEnv(shell.env) ?? 'table';
  return {
    shell,
    globals,
    flags: parseFlags(schema, options),
    args: command.args,
    printer: new Printer({
      format,
      stdout: shell.stdout,
      paint: choosePaint(globals.color, shell.stdout, shell.env),
      nowMs: Date.now,
    }),
    paint: choosePaint(globals.color, shell.stderr, shell.env),
    say: (line) => {
      if (!globals.quiet) shell.stderr.write(`${line}\n`);
    },
  };
}

function outputFromEnv(env: Shell['env']): GlobalFlags['output'] {
  return parseFlags(globalFlagsSchema.shape.output, env['SLIPWAY_OUTPUT'] || undefined);
}

function parseFlags<Schema extends z.ZodType>(schema: Schema, flags: unknown): z.infer<Schema> {
  const result = schema.safeParse(flags);
  if (result.success) return result.data;
  throw new SlipwayError('invalid', z.prettifyError(result.error), { fix: 'see --help of the command' });
}

/** Whether questions may be asked. */
export function mayAsk({ shell, globals }: Pick<Invocation<unknown>, 'shell' | 'globals'>): boolean {
  return globals.input && !isSet(shell.env['SLIPWAY_NO_INPUT']) && isInteractive(shell);
}
