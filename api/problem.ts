import { z } from '@hono/zod-openapi';
import { HTTPException } from 'hono/http-exception';
import type { ContentfulStatusCode } from 'hono/utils/http-status';
import { type ErrorCode, SlipwayError, type SlipwayErrorDetails } from '../domain/errors.ts';
import { type Finding, findingSchema } from '../domain/finding.ts';

/** RFC 9457, with the parts of a SlipwayError. */
export const problemSchema = z
  .looseObject({
    type: z
      .string()
      .openapi({ description: 'Stable name of the kind of problem', example: 'urn:slipway:problem:notFound' }),
    title: z.string(),
    status: z.number().int(),
    detail: z.string(),
    instance: z.string().openapi({ description: 'The path that was asked for' }),
    code: z.string(),
    fix: z.string().optional().openapi({ description: 'What a person can do about it' }),
    requestId: z.string(),
    errors: z
      .array(z.object({ path: z.string(), message: z.string() }))
      .optional()
      .openapi({ description: 'What is wrong with the input, at which place' }),
    findings: z.array(findingSchema).optional(),
  })
  .openapi('Problem');

export type Problem = z.infer<typeof problemSchema>;

type Kind = { readonly status: ContentfulStatusCode; readonly title: string };

const kinds: Readonly<Record<ErrorCode, Kind>> = {
  invalid: { status: 422, title: 'The input is not valid' },
  unauthenticated: { status: 401, title: 'A valid token is needed' },
  forbidden: { status: 403, title: 'This is not allowed' },
  notFound: { status: 404, title: 'There is no such thing' },
  conflict: { status: 409, title: 'This conflicts with what is there' },
  preconditionFailed: { status: 412, title: 'It was changed in the meantime' },
  preconditionRequired: { status: 428, title: 'A precondition is needed' },
  tooLarge: { status: 413, title: 'The input is too large' },
  unsupported: { status: 415, title: 'This is not supported' },
  unavailable: { status: 503, title: 'A part of Slipway does not answer now' },
  rateLimited: { status: 429, title: 'Too many requests' },
  timedOut: { status: 504, title: 'It took too long' },
  cancelled: { status: 409, title: 'It was cancelled' },
  failed: { status: 500, title: 'It failed' },
};

const codeOfStatus: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid',
  404: 'notFound',
  413: 'tooLarge',
  415: 'unsupported',
};

/** What to do about what the framework refuses by itself. */
const fixOfStatus: Readonly<Record<number, string>> = {
  400: 'Send what the Content-Type says, complete: /docs shows the body of each request.',
  415: 'Send the Content-Type of what the body is, such as application/json: /docs shows what each request takes.',
};

/** A failure whose status says more than that of its code. */
export class RequestError extends SlipwayError {
  readonly status: ContentfulStatusCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    status: ContentfulStatusCode,
    message: string,
    {
      code,
      headers,
      ...details
    }: SlipwayErrorDetails & { code: ErrorCode; headers?: Readonly<Record<string, string>> },
  ) {
    super(code, message, details);
    this.status = status;
    this.headers = headers ?? {};
  }
}

/** A request that its route's schema refuses. `findings` name the places as `body.name`, `query.limit`. */
export function badRequest(message: string, findings: readonly Finding[] = []): RequestError {
  return new RequestError(400, message, { code: 'invalid', findings });
}

/** Whether a failure is none that Slipway expects: its message is for the log, not for the caller. */
export function isUnexpected(error: unknown): boolean {
  return !(error instanceof SlipwayError) && !(error instanceof HTTPException && error.status < 500);
}

/** The status of a failure and its problem document. One that is not expected tells only the request id. */
export function toProblem(
  error: unknown,
  request: { readonly path: string; readonly requestId: string },
): { readonly status: ContentfulStatusCode; readonly problem: Problem } {
  const known = toSlipwayError(error);
  const kind = kinds[known.code];
  const status = known instanceof RequestError ? known.status : kind.status;
  const problem = {
    ...known.details,
    type: `urn:slipway:problem:${known.code}`,
    title: kind.title,
    status,
    detail: known.message,
    instance: request.path,
    code: known.code,
    requestId: request.requestId,
    ...(known.fix === undefined ? {} : { fix: known.fix }),
    ...(known.findings.length === 0 ? {} : { errors: inputErrors(known.findings), findings: [...known.findings] }),
  };
  return { status, problem };
}

/** The headers that a failure asks for: when to come back, how to authenticate. */
export function headersOf(error: unknown): Readonly<Record<string, string>> {
  const headers = error instanceof RequestError ? error.headers : {};
  if (!(error instanceof SlipwayError)) return headers;
  if (error.code === 'unavailable') return { 'Retry-After': '2', ...headers };
  if (error.code === 'unauthenticated') return { 'WWW-Authenticate': 'Bearer realm="slipway"', ...headers };
  return headers;
}

function toSlipwayError(error: unknown): SlipwayError {
  if (error instanceof SlipwayError) return error;
  if (error instanceof HTTPException && error.status < 500) {
    const code = codeOfStatus[error.status] ?? 'invalid';
    const fix = fixOfStatus[error.status];
    return new RequestError(error.status, error.message, { code, ...(fix === undefined ? {} : { fix }) });
  }
  return new SlipwayError('failed', 'Slipway met a failure that it does not know', {
    fix: 'Look for the request id in the log of the API.',
  });
}

function inputErrors(findings: readonly Finding[]) {
  return findings
    .filter((finding) => finding.severity === 'error')
    .map((finding) => ({ path: finding.path ?? finding.subject ?? '', message: finding.message }));
}
