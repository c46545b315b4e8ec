import { createMiddleware } from 'hono/factory';
import { SlipwayError } from '../../domain/errors.ts';
import { isLoopback, loopbackHosts } from '../../infra/config.ts';

/**
 * While the API listens on loopback, refuses requests under any other name: a page on the internet whose name was made to
 * point here (DNS rebinding) would send its own.
 */
export function checkHost({ host, allowedHosts }: { readonly host: string; readonly allowedHosts: readonly string[] }) {
  const allowed = new Set<string>([...loopbackHosts, host, ...allowedHosts].map((name) => name.toLowerCase()));
  return createMiddleware(async (c, next) => {
    if (isLoopback(host) && !allowed.has(hostName(c.req.header('host') ?? new URL(c.req.url).host))) {
      throw new SlipwayError('forbidden', 'the API listens on loopback only and was asked for under another name', {
        fix: 'Use 127.0.0.1, or name the host in SLIPWAY_ALLOWED_HOSTS.',
      });
    }
    await next();
  });
}

/** `[::1]:4780` gives `::1`. */
function hostName(header: string): string {
  return header
    .toLowerCase()
    .replace(/:\d+$/, '')
    .replace(/^\[(.*)\]$/, '$1');
}
