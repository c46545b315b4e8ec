import { and, eq, isNull, lt } from 'drizzle-orm';
import { z } from 'zod';
import { type JsonValue, jsonValueSchema } from '../../domain/json.ts';
import { newId } from '../ids.ts';
import type { Database } from './database.ts';
import { idempotencyKeys } from './schema.ts';

/** A key is the client's; two clients may choose the same. */
export type RequestKey = { readonly actor: string; readonly key: string };

export type KeyedRequest = RequestKey & {
  readonly method: string;
  readonly path: string;
  /** SHA-256 of the body. */
  readonly bodyDigest: string;
};

export type RequestStart =
  /**
   * Carry it out, then complete or abandon it. An operation that it starts has this id, the same again when the request is
   * taken up after its process died.
   */
  | { readonly outcome: 'new'; readonly operationId: string }
  /** Give this answer again. */
  | { readonly outcome: 'replay'; readonly status: number; readonly response: JsonValue }
  /** The key was used for another request. */
  | { readonly outcome: 'mismatch' }
  /** The first request with the key is not answered yet; the operation exists where it came to accept one. */
  | { readonly outcome: 'inProgress'; readonly operationId: string };

/** What is kept in place of the answer until there is one. */
const unansweredSchema = z.object({ operationId: z.string() });

type Unanswered = z.infer<typeof unansweredSchema>;

export const keptHours = 24;
/** A request that is not answered by then was lost with its process: its key may be used again. */
const lostAfterMinutes = 5;

/** Whether the request is the first with its key. Keys older than a day are forgotten. */
export async function beginRequest(database: Database, request: KeyedRequest): Promise<RequestStart> {
  const now = Date.now();
  const createdAt = new Date(now).toISOString();
  const unanswered: Unanswered = { operationId: newId('op') };
  const [, takenUp, inserted, [stored]] = await database.write((queries) => [
    queries.delete(idempotencyKeys).where(and(isKey(request), lt(idempotencyKeys.createdAt, hoursBefore(now)))),
    queries
      .update(idempotencyKeys)
      .set({ createdAt })
      .where(and(isRequest(request), isNull(idempotencyKeys.status), lt(idempotencyKeys.createdAt, lostBefore(now))))
      .returning({ key: idempotencyKeys.key }),
    queries
      .insert(idempotencyKeys)
      .values({ ...request, response: unanswered, createdAt })
      .onConflictDoNothing()
      .returning({ key: idempotencyKeys.key }),
    queries.select().from(idempotencyKeys).where(isKey(request)),
  ]);
  if (stored === undefined) return { outcome: 'new', ...unanswered };
  const isNew = takenUp.length + inserted.length > 0;
  return isNew ? { outcome: 'new', ...unansweredOf(stored) } : outcomeOf(stored, request);
}

/** Keeps the answer for later requests with the key. */
export async function completeRequest(
  database: Database,
  { status, response, ...request }: RequestKey & { readonly status: number; readonly response: JsonValue },
): Promise<void> {
  await database.write((queries) => [queries.update(idempotencyKeys).set({ status, response }).where(isKey(request))]);
}

/** Frees the key of a request that failed in a way that a repetition may not. */
export async function abandonRequest(database: Database, request: RequestKey): Promise<void> {
  await database.write((queries) => [
    queries.delete(idempotencyKeys).where(and(isKey(request), isNull(idempotencyKeys.status))),
  ]);
}

/** Forgets keys older than a day. Gives how many. */
export async function purgeRequests(database: Database): Promise<number> {
  const [result] = await database.write((queries) => [
    queries.delete(idempotencyKeys).where(lt(idempotencyKeys.createdAt, hoursBefore(Date.now()))),
  ]);
  return result.rowsAffected;
}

function outcomeOf(stored: typeof idempotencyKeys.$inferSelect, request: KeyedRequest): RequestStart {
  const isSame =
    stored.method === request.method && stored.path === request.path && stored.bodyDigest === request.bodyDigest;
  if (!isSame) return { outcome: 'mismatch' };
  if (stored.status === null) return { outcome: 'inProgress', ...unansweredOf(stored) };
  return { outcome: 'replay', status: stored.status, response: jsonValueSchema.parse(stored.response) };
}

function unansweredOf({ response }: typeof idempotencyKeys.$inferSelect): Unanswered {
  return unansweredSchema.parse(response);
}

function isRequest({ method, path, bodyDigest, ...key }: KeyedRequest) {
  return and(
    isKey(key),
    eq(idempotencyKeys.method, method),
    eq(idempotencyKeys.path, path),
    eq(idempotencyKeys.bodyDigest, bodyDigest),
  );
}

function isKey({ actor, key }: RequestKey) {
  return and(eq(idempotencyKeys.actor, actor), eq(idempotencyKeys.key, key));
}

function hoursBefore(now: number): string {
  return new Date(now - keptHours * 3_600_000).toISOString();
}

function lostBefore(now: number): string {
  return new Date(now - lostAfterMinutes * 60_000).toISOString();
}
