import type { Finding } from './finding.ts';

/** What kind of failure it is; the API maps it to a status, the CLI to an exit code, activities to "a retry can help" or not. */
export const errorCodes = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'notFound',
  'conflict',
  'preconditionFailed',
  'preconditionRequired',
  'tooLarge',
  'unsupported',
  'unavailable',
  'rateLimited',
  'timedOut',
  'cancelled',
  'failed',
] as const;

export type ErrorCode = (typeof errorCodes)[number];

export type SlipwayErrorDetails = ErrorOptions & {
  /** What a person can do about it, as one sentence or a command. */
  readonly fix?: string;
  /** What is wrong at which place, for bad input. */
  readonly findings?: readonly Finding[];
  /** More that a program can use, such as the id of the operation in the way. Never a secret. */
  readonly details?: Readonly<Record<string, string | number | boolean>>;
};

/** Every failure that Slipway expects. Anything else is a bug and keeps its own class. */
export class SlipwayError extends Error {
  readonly code: ErrorCode;
  readonly fix: string | undefined;
  readonly findings: readonly Finding[];
  readonly details: Readonly<Record<string, string | number | boolean>>;

  constructor(code: ErrorCode, message: string, details: SlipwayErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = 'SlipwayError';
    this.code = code;
    this.fix = details.fix;
    this.findings = details.findings ?? [];
    this.details = details.details ?? {};
  }
}

/** Whether the same call may succeed later with nothing changed. */
export function isRetryable(code: ErrorCode): boolean {
  return code === 'unavailable' || code === 'rateLimited';
}

/** Marks the end of an exhaustive `switch`. */
export function assertNever(value: never): never {
  throw new Error(`unhandled case: ${JSON.stringify(value)}`);
}
