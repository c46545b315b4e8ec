import { assertNever } from '../domain/errors.ts';
import type { ErrorCode } from '../domain/errors.ts';

/** What scripts read from a run; `slipway diff` follows kubectl instead: 0 none, 1 changes, 2 and up errors. */
export const exitCodes = {
  ok: 0,
  failed: 1,
  usage: 2,
  notFound: 3,
  forbidden: 4,
  conflict: 5,
  timedOut: 6,
  unreachable: 7,
  /** 128 + SIGINT, as shells give it. */
  interrupted: 130,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** The exit code for a failure of this kind. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  switch (code) {
    case 'invalid':
    case 'tooLarge':
    case 'unsupported':
      return exitCodes.usage;
    case 'unauthenticated':
    case 'forbidden':
      return exitCodes.forbidden;
    case 'notFound':
      return exitCodes.notFound;
    case 'conflict':
    case 'preconditionFailed':
    case 'preconditionRequired':
      return exitCodes.conflict;
    case 'unavailable':
    case 'rateLimited':
      return exitCodes.unreachable;
    case 'timedOut':
      return exitCodes.timedOut;
    case 'cancelled':
      return exitCodes.interrupted;
    case 'failed':
      return exitCodes.failed;
    default:
      return assertNever(code);
  }
}
