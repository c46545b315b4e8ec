import { routePath } from 'hono/route';
import { createMiddleware } from 'hono/factory';
import type { Log } from '../../infra/log.ts';
import type { ApiMetrics } from '../../infra/metrics.ts';
import type { ApiEnv } from '../context.ts';

/** Writes one log line a request and measures it by route. Headers, queries and bodies are left out: they may hold secrets. */
export function observe({ log, metrics }: { readonly log: Log; readonly metrics: ApiMetrics }) {
  return createMiddleware<ApiEnv>(async (c, next) => {
    const start = performance.now();
    await next();
    const { status } = c.res;
    const milliseconds = performance.now() - start;
    const request = { method: c.req.method, route: routePath(c, -1), status };
    if (!isStream(c.res)) metrics.requestEnded({ ...request, seconds: milliseconds / 1000 });
    const fields = { requestId: c.var.requestId, ...request, path: c.req.path, ms: Math.round(milliseconds * 10) / 10 };
    if (status >= 500) log.error(fields, 'request failed');
    else log.debug(fields, 'request');
  });
}

function isStream(response: Response): boolean {
  return response.headers.get('content-type')?.startsWith('text/event-stream') === true;
}
