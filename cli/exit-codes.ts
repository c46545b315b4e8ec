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

const codes: Readonly<Record<ErrorCode, ExitCode>> = {
  invalid: exitCodes.usage,
  tooLarge: exitCodes.usage,
  unsupported: exitCodes.usage,
  unauthenticated: exitCodes.forbidden,
  forbidden: exitCodes.forbidden,
  notFound: exitCodes.notFound,
  conflict: exitCodes.conflict,
  preconditionFailed: exitCodes.conflict,
  preconditionRequired: exitCodes.conflict,
  unavailable: exitCodes.unreachable,
  rateLimited: exitCodes.unreachable,
  timedOut: exitCodes.timedOut,
  cancelled: exitCodes.interrupted,
  failed: exitCodes.failed,
};

/** The exit code for a failure of this kind. */
export function exitCodeOf(code: ErrorCode): ExitCode {
  return codes[code];
}
