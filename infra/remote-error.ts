import { type ErrorCode, SlipwayError, type SlipwayErrorDetails } from '../domain/errors.ts';

export type RemoteErrorDetails = SlipwayErrorDetails & {
  /** How long the server asked to be left alone. */
  readonly retryAfterSeconds?: number | undefined;
  /** False only where the server certainly did not act on the request. Default: true. */
  readonly mayHaveLanded?: boolean | undefined;
};

/** A request to a server that failed there or on the way, with what tells whether to repeat it. */
export class RemoteError extends SlipwayError {
  readonly retryAfterSeconds: number | undefined;
  readonly mayHaveLanded: boolean;

  constructor(
    code: ErrorCode,
    message: string,
    { retryAfterSeconds, mayHaveLanded = true, ...details }: RemoteErrorDetails,
  ) {
    super(code, message, details);
    this.retryAfterSeconds = retryAfterSeconds;
    this.mayHaveLanded = mayHaveLanded;
  }
}
