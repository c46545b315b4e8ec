import { OpenAPIHono, type z } from '@hono/zod-openapi';
import type { Client } from '@temporalio/client';
import type { Context } from 'hono';
import { formatPath } from '../domain/json.ts';
import type { Config } from '../infra/config.ts';
import type { Database } from '../infra/database/database.ts';
import type { DesignReader } from '../infra/design-source/design-reader.ts';
import type { Log } from '../infra/log.ts';
import type { ApiMetrics } from '../infra/metrics.ts';
import { badRequest } from './problem.ts';
import type { Streams } from './streams/streams.ts';

/** What the API is made of. It holds no state of its own. */
export type ApiDeps = {
  readonly database: Database;
  readonly temporal: Client;
  readonly designReader: DesignReader;
  readonly config: ApiConfig;
  readonly log: Log;
};

export type ApiConfig = Pick<Config, 'host' | 'allowedHosts' | 'requestsPerSecond' | 'home'> & {
  readonly token: string;
  /** How long one live stream may last, in milliseconds; for functions, whose time is short. Default: no end. */
  readonly streamMs?: number | undefined;
};

/** What every route gets. */
export type RouteDeps = ApiDeps & { readonly streams: Streams; readonly metrics: ApiMetrics };

export type ApiEnv = {
  Variables: {
    requestId: string;
    /** Who asks: set by the authentication of the request. */
    actor: string;
    /** For the operation that the request starts: the same when it is repeated under its Idempotency-Key. */
    operationId: string | undefined;
  };
};

export type ApiContext = Context<ApiEnv>;

/** A router whose input errors become one problem with every place that is wrong. */
export function createRouter(): OpenAPIHono<ApiEnv> {
  return new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) throw inputProblem(result.error, places[result.target]);
    },
  });
}

const places = {
  json: 'body',
  form: 'body',
  query: 'query',
  param: 'path',
  header: 'header',
  cookie: 'cookie',
} as const;

/** The problem of input that its schema refuses. */
export function inputProblem(error: z.ZodError, place: string) {
  const findings = error.issues.map((issue) => ({
    severity: 'error' as const,
    code: 'request.invalid',
    path: formatPath([place, ...issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step))]),
    message: issue.message,
  }));
  return badRequest(`the ${place} of the request is not valid`, findings);
}
