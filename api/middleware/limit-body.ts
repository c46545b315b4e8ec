import { bodyLimit } from 'hono/body-limit';
import { createMiddleware } from 'hono/factory';
import { designLimits } from '../../domain/design/limits.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import { maximumDraftBytes } from '../../domain/registry/model-draft.ts';
import { isUpload } from '../uploads.ts';

const mebibyte = 1024 * 1024;

/** Designs and drafts of models may be long; nothing else is. */
const longBodies = [
  { paths: /^\/v1\/designs(\/|$)/, limit: limitTo(designLimits.sourceBytes) },
  { paths: /^\/v1\/model-drafts(\/|$)/, limit: limitTo(maximumDraftBytes) },
] as const;
const limitOther = limitTo(mebibyte);

/** Refuses bodies over the limit of their path before they are read whole. Who stores an upload counts what comes. */
export const limitBody = createMiddleware((c, next) => {
  if (!isUpload(c.req)) return (longBodies.find(({ paths }) => paths.test(c.req.path))?.limit ?? limitOther)(c, next);
  if (Number(c.req.header('content-length') ?? 0) > registryLimits.sourceBytes) refuse(registryLimits.sourceBytes);
  return next();
});

function limitTo(maxSize: number) {
  return bodyLimit({ maxSize, onError: () => refuse(maxSize) });
}

function refuse(bytes: number): never {
  throw new SlipwayError('tooLarge', `the body has more than ${bytes / mebibyte} MiB`, {
    fix: 'Split what is sent into several, or leave out what does not belong in it.',
  });
}
