import type { z } from 'zod';
import { SlipwayError } from '../domain/errors.ts';
import { pageSchema } from './api-schemas.ts';
import type { Page } from './api-schemas.ts';
import type { Client, Query } from './client.ts';
import type { RemoteInvocation } from './invocation.ts';
import type { View } from './output/printer.ts';

/** The most that the API gives in one page. */
const pageSize = 1000;
const defaultLimit = 1000;

export type ListFlags = { readonly limit?: string | undefined; readonly cursor?: string | undefined };

export type ListRequest<Item extends z.ZodType> = {
  readonly item: Item;
  readonly path: string;
  readonly query?: Query;
  readonly flags?: ListFlags;
};

/** As many pages as it takes for `--limit` items. */
export async function readPages<Item extends z.ZodType>(
  client: Client,
  { item, path, query, flags = {} }: ListRequest<Item>,
): Promise<Page<z.infer<Item>>> {
  const limit = limitOf(flags.limit);
  const items: z.infer<Item>[] = [];
  let cursor: string | null | undefined = flags.cursor;
  do {
    const page: Page<z.infer<Item>> = await client.get({
      schema: pageSchema(item),
      path,
      query: { ...query, limit: Math.min(pageSize, limit - items.length), cursor: cursor ?? undefined },
    });
    items.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null && items.length < limit);
  return { items, nextCursor: cursor };
}

/** Reads a list and prints it; says on stderr how to see what was left out. */
export async function printPages<Item extends z.ZodType>(
  { client, printer, say }: Pick<RemoteInvocation<unknown>, 'client' | 'printer' | 'say'>,
  view: View<z.infer<Item>>,
  request: ListRequest<Item>,
): Promise<void> {
  const page = await readPages(client, request);
  await printer.list(view, page);
  if (page.items.length === 0 && printer.isForPeople) say('nothing found');
  if (page.nextCursor !== null) say(`there is more: --cursor ${page.nextCursor}, or a higher --limit`);
}

function limitOf(text: string | undefined): number {
  if (text === undefined) return defaultLimit;
  if (/^[1-9]\d*$/.test(text)) return Number(text);
  throw new SlipwayError('invalid', `--limit takes a number above 0, not "${text}"`, { fix: '--limit 100' });
}
