import { SlipwayError } from '../domain/errors.ts';
import { RequestError } from './problem.ts';

/** The entity tag of a design: its newest revision. */
export function etagOf(design: { readonly revision: number }): string {
  return `"${design.revision}"`;
}

/**
 * The revision that a change was made for, by the `If-Match` header; the present one for `*`. Throws
 * `preconditionRequired` without the header, `preconditionFailed` for any other tag.
 */
export function expectedRevision(ifMatch: string | undefined, current: { readonly revision: number }): number {
  if (ifMatch === undefined) {
    throw new SlipwayError('preconditionRequired', 'a change of a design needs If-Match', {
      fix: `Send the ETag of the design that the change was made for, as: If-Match: ${etagOf(current)}`,
    });
  }
  const tags = ifMatch.split(',').map((tag) => tag.trim());
  if (tags.some((tag) => !/^(\*|(W\/)?"[^"]*")$/.test(tag))) {
    throw new RequestError(400, 'If-Match is neither * nor a list of entity tags', {
      code: 'invalid',
      fix: `If-Match: ${etagOf(current)}`,
    });
  }
  if (tags.includes('*') || tags.includes(etagOf(current))) return current.revision;
  throw new SlipwayError('preconditionFailed', `the design is at revision ${current.revision} now`, {
    fix: 'Read it again and repeat the change on what it is now.',
    details: { revision: current.revision },
  });
}
