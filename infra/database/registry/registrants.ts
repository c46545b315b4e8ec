import { and, asc, eq, gt, or, sql } from 'drizzle-orm';
import { z } from 'zod';
import { type Registrant, registrantKinds } from '../../../domain/registry/model.ts';
import { newId } from '../../ids.ts';
import { decodeCursor, type Page, type PageRequest, pageSize, toPage } from '../cursor.ts';
import type { Database } from '../database.ts';
import { models, registrants } from './tables.ts';

export const storedRegistrantSchema = z.object({
  id: z.string(),
  kind: z.enum(registrantKinds),
  address: z.string(),
  createdAt: z.iso.datetime(),
});

/** Who brings definitions, and how many versions of models are there because of it. */
export const countedRegistrantSchema = storedRegistrantSchema.extend({ modelCount: z.number().int() });

export type StoredRegistrant = z.infer<typeof storedRegistrantSchema>;
export type CountedRegistrant = z.infer<typeof countedRegistrantSchema>;

/** The registrant of that kind and address, made when there is none. */
export async function ensureRegistrant(database: Database, { kind, address }: Registrant): Promise<StoredRegistrant> {
  const wanted = and(eq(registrants.kind, kind), eq(registrants.address, address));
  const find = () => database.read((queries) => queries.select().from(registrants).where(wanted));
  const [known] = await find();
  if (known !== undefined) return storedRegistrantSchema.parse(known);
  const row = { id: newId('rgt'), kind, address, createdAt: new Date().toISOString() };
  const [, [registrant]] = await database.write((queries) => [
    queries.insert(registrants).values(row).onConflictDoNothing(),
    queries.select().from(registrants).where(wanted),
  ]);
  return storedRegistrantSchema.parse(registrant);
}

/** Registrants of what is published, by kind and address. */
export async function listRegistrants(
  database: Database,
  request: PageRequest & { readonly kind?: Registrant['kind'] | undefined } = {},
): Promise<Page<CountedRegistrant>> {
  const after = decodeCursor(request, z.tuple([z.string(), z.string()]));
  const size = pageSize(request);
  const rows = await database.read((queries) =>
    queries
      .select({
        id: registrants.id,
        kind: registrants.kind,
        address: registrants.address,
        createdAt: registrants.createdAt,
        modelCount: sql<number>`count(*)`,
      })
      .from(registrants)
      .innerJoin(models, and(eq(models.registrantId, registrants.id), eq(models.state, 'published')))
      .where(
        and(
          request.kind === undefined ? undefined : eq(registrants.kind, request.kind),
          after === undefined
            ? undefined
            : or(
                gt(registrants.kind, after[0]),
                and(eq(registrants.kind, after[0]), gt(registrants.address, after[1])),
              ),
        ),
      )
      .groupBy(registrants.id)
      .orderBy(asc(registrants.kind), asc(registrants.address))
      .limit(size + 1),
  );
  return toPage(rows, size, {
    item: (row) => countedRegistrantSchema.parse(row),
    key: (row) => [row.kind, row.address],
  });
}
