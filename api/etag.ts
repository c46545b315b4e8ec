import { SlipwayError } from '../domain/errors.ts';
import { RequestError } from './problem.ts';

/** The entity tag of a design, or of a draft of a model: its newest revision. */
export function etagOf(design: { readonly revision: number }): string {
  return `"${design.revision}"`;
}

/**
 * The revision that a change was made for, by the `If-Match` header; the present one for `*`. `noun` is for messages. Throws
 * `preconditionRequired` without the header, `preconditionFailed` for any other tag.
 */
export function expectedRevision(
  ifMatch: string | undefined,
  current: { readonly revision: number },
  noun = 'design',
): number {
  if (ifMatch === undefined) {
    throw new SlipwayError('preconditionRequired', `a change of a ${noun} needs If-Match`, {
      fix: `Send the ETag of the ${noun} that the change was made for, as: If-Match: ${etagOf(current)}`,
    });
  }
  const tags = tagsOf(ifMatch);
  if (tags.some((tag) => !/^(\*|(W\/)?"[^"]*")$/.test(tag))) {
    throw new RequestError(400, 'If-Match is neither * nor a list of entity tags', {
      code: 'invalid',
      fix: `If-Match: ${etagOf(current)}`,
    });
  }
  if (tags.includes('*') || tags.includes(etagOf(current))) return current.revision;
  throw new SlipwayError('preconditionFailed', `the ${noun} is at revision ${current.revision} now`, {
    fix: 'Read it again and repeat the change on what it is now.',
    details: { revision: current.revision },
  });
}

/** Whether the caller has what carries this tag already, by its `If-None-Match`: the answer is 304 then (RFC 9110, 13.1.2). */
export function isKnown(ifNoneMatch: string | undefined, etag: string): boolean {
  const tags = tagsOf(ifNoneMatch ?? '').map((tag) => tag.replace(/^W\//, ''));
  return tags.includes('*') || tags.includes(etag);
}

function tagsOf(header: string): readonly string[] {
  return header.split(',').map((tag) => tag.trim());
}
