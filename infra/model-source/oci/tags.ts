import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import type { WebAnswer } from '../web-client.ts';
import type { Access } from './authorizer.ts';
import { jsonBody } from './json-body.ts';
import { nameOf, type RegistrySession } from './registry-session.ts';

const tagsMaximum = 10_000;
const tagsOfAPage = 1_000;

/** A repository without tags has null there. */
const tagPage = z.object({ tags: z.array(z.string()).nullish() });

/** The tags of a repository, page by page. */
export async function listTags(
  session: RegistrySession,
  access: Access,
  signal?: AbortSignal,
): Promise<readonly string[]> {
  const tags: string[] = [];
  const seen = new Set<string>();
  let url: string | undefined = session.urlOf(access, `tags/list?n=${tagsOfAPage}`);
  while (url !== undefined && !seen.has(url) && tags.length < tagsMaximum) {
    seen.add(url);
    const answer = await session.request(access, url, { headers: { accept: 'application/json' }, signal });
    tags.push(...tagsIn(answer, access));
    url = nextPage(answer);
  }
  return tags.slice(0, tagsMaximum);
}

function tagsIn({ body }: WebAnswer, access: Access): readonly string[] {
  const page = tagPage.safeParse(jsonBody(body));
  if (page.success) return page.data.tags ?? [];
  throw new SlipwayError('failed', `${nameOf(access)}: the registry answers no list of tags`, {
    fix: 'Use a registry that follows the OCI distribution specification.',
  });
}

/** `Link: </v2/name/tags/list?last=b&n=2>; rel="next"` (RFC 5988); a page elsewhere is not followed. */
function nextPage({ headers, url }: WebAnswer): string | undefined {
  const target = /<([^>]*)>\s*;[^,]*\brel="?next\b/.exec(headers['link'] ?? '')?.[1];
  const next = target === undefined ? null : URL.parse(target, url);
  return next !== null && next.origin === new URL(url).origin ? next.href : undefined;
}
