import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { SlipwayError } from '../../domain/errors.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import { isUpload } from '../uploads.ts';

const mebibyte = 1024 * 1024;

/** Designs and drafts of models may be long; nothing else is. */
export const largestDesignBytes = 10 * mebibyte;
export const largestBodyBytes = mebibyte;

const longBodies = /^\/v1\/(designs|model-drafts)(\/|$)/;

/** Refuses bodies over the limit of their path before they are read whole. Who stores an upload counts what comes. */
export const limitBody = createMiddleware((c, next) => {
  if (!isUpload(c.req)) return (longBodies.test(c.req.path) ? limitDesign : limitOther)(c, next);
  if (Number(c.req.header('content-length') ?? 0) > registryLimits.sourceBytes) refuse(registryLimits.sourceBytes);
  return next();
});

const limitDesign = bodyLimit({ maxSize: largestDesignBytes, onError: () => refuse(largestDesignBytes) });
const limitOther = bodyLimit({ maxSize: largestBodyBytes, onError: () => refuse(largestBodyBytes) });

function refuse(bytes: number): never {
  throw new SlipwayError('tooLarge', `the body has more than ${bytes / mebibyte} MiB`, {
    fix: 'Split what is sent into several, or leave out what does not belong in it.',
  });
}
