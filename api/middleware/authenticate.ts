import { createMiddleware } from 'hono/factory';
import { SlipwayError } from '../../domain/errors.ts';
import { createTokenCheck } from '../access-token.ts';
import type { ApiEnv } from '../context.ts';

/** Who holds the one token of an installation. */
const tokenHolder = 'admin';

/** What anybody may ask for: whether the process lives, and the files of the docs page, which hold no data. */
const publicPaths = /^\/(healthz|docs|docs\/[\w.-]+)$/;

/** Lets only holders of the token through, on every path that is not public, known or not. */
export function authenticate({ token }: { readonly token: string }) {
  const isToken = createTokenCheck(token);
  return createMiddleware<ApiEnv>(async (c, next) => {
    const candidate = bearerToken(c.req.header('authorization'));
    const holds = candidate !== undefined && isToken(candidate);
    if (!holds && !publicPaths.test(c.req.path)) {
      throw new SlipwayError(
        'unauthenticated',
        candidate === undefined ? 'the request has no token' : 'this is not the token',
        {
          fix: 'Send `Authorization: Bearer …` with the token in the file `token` of the folder SLIPWAY_HOME.',
        },
      );
    }
    c.set('actor', holds ? tokenHolder : 'anonymous');
    await next();
  });
}

function bearerToken(header: string | undefined): string | undefined {
  return /^Bearer +([\x21-\x7e]+) *$/i.exec(header ?? '')?.[1];
}
