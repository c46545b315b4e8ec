import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { SlipwayError } from '../../domain/errors.ts';

const mebibyte = 1024 * 1024;

/** Designs may be long; nothing else is. */
export const largestDesignBytes = 10 * mebibyte;
export const largestBodyBytes = mebibyte;

/** Refuses bodies over the limit of their path before they are read whole. */
export const limitBody = createMiddleware((c, next) =>
  (c.req.path.startsWith('/v1/designs') ? limitDesign : limitOther)(c, next),
);

const limitDesign = bodyLimit({ maxSize: largestDesignBytes, onError: () => refuse(largestDesignBytes) });
const limitOther = bodyLimit({ maxSize: largestBodyBytes, onError: () => refuse(largestBodyBytes) });

function refuse(bytes: number): never {
  throw new SlipwayError('tooLarge', `the body has more than ${bytes / mebibyte} MiB`, {
    fix: 'Split the design into several, or leave out what does not belong in it.',
  });
}
