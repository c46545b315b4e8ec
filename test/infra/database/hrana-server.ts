import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import {
  DatabaseSync,
  type SQLInputValue,
  type SQLOutputValue,
  type StatementColumnMetadata,
  type StatementResultingChanges,
} from 'node:sqlite';
import { json } from 'node:stream/consumers';
import { z } from 'zod';

/*
 * A stand-in for `sqld`, the server of libSQL: it speaks its protocol, Hrana 2 over HTTP in JSON
 * (https://github.com/tursodatabase/libsql/blob/main/docs/HRANA_2_SPEC.md), over an SQLite file.
 * Streams with batons, batches
 * with conditions, sequences, stored texts and tokens are the real thing; `describe`, web sockets and replication are not here.
 * It is run as a process of its own: `node hrana-server.ts PORT FILE TOKEN`.
 */

const valueSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('null') }),
  z.object({ type: z.literal('integer'), value: z.string() }),
  z.object({ type: z.literal('float'), value: z.number() }),
  z.object({ type: z.literal('text'), value: z.string() }),
  z.object({ type: z.literal('blob'), base64: z.string() }),
]);
const statementSchema = z.object({
  sql: z.string().optional(),
  sql_id: z.int().optional(),
  args: z.array(valueSchema).default([]),
  named_args: z.array(z.object({ name: z.string(), value: valueSchema })).default([]),
  want_rows: z.boolean().default(true),
});
const conditionSchema = z.discriminatedUnion('type', [
  z.object({ type: z.enum(['ok', 'error']), step: z.int() }),
  z.object({
    type: z.literal('not'),
    get cond() {
      return conditionSchema;
    },
  }),
  z.object({
    type: z.enum(['and', 'or']),
    get conds() {
      return z.array(conditionSchema);
    },
  }),
]);
const requestSchema = z.discriminatedUnion('type', [
  z.object({ type: z.literal('execute'), stmt: statementSchema }),
  z.object({
    type: z.literal('batch'),
    batch: z.object({ steps: z.array(z.object({ condition: conditionSchema.nullish(), stmt: statementSchema })) }),
  }),
  z.object({ type: z.literal('sequence'), sql: z.string().optional(), sql_id: z.int().optional() }),
  z.object({ type: z.literal('store_sql'), sql_id: z.int(), sql: z.string() }),
  z.object({ type: z.literal('close_sql'), sql_id: z.int() }),
  z.object({ type: z.literal('close') }),
]);
const pipelineSchema = z.object({ baton: z.string().nullish(), requests: z.array(requestSchema) });

const rowSchema = z.array(z.union([z.null(), z.bigint(), z.number(), z.string(), z.instanceof(Uint8Array)]));
const sqliteCodes = new Map([
  [5, 'SQLITE_BUSY'],
  [6, 'SQLITE_LOCKED'],
  [13, 'SQLITE_FULL'],
  [19, 'SQLITE_CONSTRAINT'],
]);

type Value = z.infer<typeof valueSchema>;
type Statement = z.infer<typeof statementSchema>;
type Condition = z.infer<typeof conditionSchema>;
type Request = z.infer<typeof requestSchema>;
type Batch = Extract<Request, { type: 'batch' }>['batch'];
type Failure = { readonly message: string; readonly code?: string };
/** Connections that nobody uses any more are given up after this. */
const streamIdleMs = 10_000;

/** One connection to the database, which lives from request to request under a baton that changes with each. */
class Stream {
  readonly #database: DatabaseSync;
  readonly #texts = new Map<number, string>();
  closed = false;

  constructor(file: string) {
    this.#database = new DatabaseSync(file, { readBigInts: true, returnArrays: true });
    this.#database.exec('pragma journal_mode = wal');
  }

  close(): void {
    this.closed = true;
    this.#database.close();
  }

  answer(request: Request): object {
    try {
      return { type: 'ok', response: { type: request.type, ...this.#carryOut(request) } };
    } catch (error) {
      return { type: 'error', error: failureOf(error) };
    }
  }

  #carryOut(request: Request): object {
    switch (request.type) {
      case 'execute':
        return { result: this.#execute(request.stmt) };
      case 'batch':
        return { result: this.#batch(request.batch) };
      case 'sequence':
        this.#database.exec(this.#textOf(request));
        return {};
      case 'store_sql':
        this.#texts.set(request.sql_id, request.sql);
        return {};
      case 'close_sql':
        this.#texts.delete(request.sql_id);
        return {};
      case 'close':
        this.close();
        return {};
    }
  }

  #batch({ steps }: Batch): object {
    const results: (object | null)[] = [];
    const errors: (Failure | null)[] = [];
    for (const { condition, stmt } of steps) {
      const runs = condition === null || condition === undefined || holds(condition, { results, errors });
      const outcome = runs ? this.#step(stmt) : {};
      results.push(outcome.result ?? null);
      errors.push(outcome.error ?? null);
    }
    return { step_results: results, step_errors: errors };
  }

  #step(stmt: Statement): { readonly result?: object; readonly error?: Failure } {
    try {
      return { result: this.#execute(stmt) };
    } catch (error) {
      return { error: failureOf(error) };
    }
  }

  #execute(stmt: Statement): object {
    const statement = this.#database.prepare(this.#textOf(stmt));
    const named = Object.fromEntries(stmt.named_args.map(({ name, value }) => [name, decodeValue(value)]));
    const columns = statement.columns();
    const args = stmt.args.map(decodeValue);
    if (columns.length === 0) return encodeResult([], [], statement.run(named, ...args));
    return encodeResult(columns, z.array(rowSchema).parse(statement.all(named, ...args)));
  }

  #textOf({ sql, sql_id: id }: { readonly sql?: string | undefined; readonly sql_id?: number | undefined }): string {
    const text = sql ?? (id === undefined ? undefined : this.#texts.get(id));
    if (text === undefined) throw new Error(`SQL text ${id} not found`);
    return text;
  }
}

function holds(
  condition: Condition,
  outcome: { readonly results: readonly unknown[]; readonly errors: readonly unknown[] },
): boolean {
  switch (condition.type) {
    case 'ok':
      return outcome.results[condition.step] !== null;
    case 'error':
      return outcome.errors[condition.step] !== null;
    case 'not':
      return !holds(condition.cond, outcome);
    case 'and':
      return condition.conds.every((part) => holds(part, outcome));
    case 'or':
      return condition.conds.some((part) => holds(part, outcome));
  }
}

function decodeValue(value: Value): SQLInputValue {
  if (value.type === 'null') return null;
  if (value.type === 'integer') return BigInt(value.value);
  return value.type === 'blob' ? Buffer.from(value.base64, 'base64') : value.value;
}

function encodeResult(
  columns: readonly StatementColumnMetadata[],
  rows: readonly (readonly SQLOutputValue[])[],
  { changes, lastInsertRowid }: Partial<StatementResultingChanges> = {},
): object {
  return {
    cols: columns.map(({ name, type }) => ({ name, decltype: type })),
    rows: rows.map((row) => row.map(encodeValue)),
    affected_row_count: Number(changes ?? 0),
    last_insert_rowid: lastInsertRowid === undefined ? null : String(lastInsertRowid),
  };
}

function encodeValue(value: SQLOutputValue): Value {
  if (value === null) return { type: 'null' };
  if (typeof value === 'bigint') return { type: 'integer', value: String(value) };
  if (typeof value === 'number') return { type: 'float', value };
  if (typeof value === 'string') return { type: 'text', value };
  return { type: 'blob', base64: Buffer.from(value).toString('base64') };
}

function failureOf(error: unknown): Failure {
  const number = error instanceof Error && 'errcode' in error ? Number(error.errcode) & 0xff : 1;
  const message = error instanceof Error ? error.message : String(error);
  return { message: `SQLite error: ${message}`, code: sqliteCodes.get(number) ?? 'SQLITE_ERROR' };
}

/** Answers pipelines one after another, as a database has one writer anyway. */
class HranaServer {
  readonly #file: string;
  readonly #token: string;
  readonly #streams = new Map<string, { readonly stream: Stream; readonly timer: NodeJS.Timeout }>();
  #last: Promise<void> = Promise.resolve();

  constructor(file: string, token: string) {
    this.#file = file;
    this.#token = token;
  }

  readonly handle = (request: IncomingMessage, response: ServerResponse): void => {
    this.#last = this.#last
      .then(() => this.#answer(request))
      .catch((error: unknown) => ({ status: 400, body: { message: String(error), code: 'BAD_REQUEST' } }))
      .then(({ status, body }) => {
        response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
      });
  };

  async #answer(request: IncomingMessage): Promise<{ readonly status: number; readonly body: object }> {
    if (request.method === 'GET' && request.url === '/v2') return { status: 200, body: {} };
    if (request.url !== '/v2/pipeline') return { status: 404, body: { error: 'not found' } };
    if (request.headers.authorization !== `Bearer ${this.#token}`)
      return { status: 401, body: { error: 'Unauthorized' } };
    const { baton, requests } = pipelineSchema.parse(await json(request));
    const stream = baton === null || baton === undefined ? new Stream(this.#file) : this.#take(baton);
    if (stream === undefined)
      return { status: 400, body: { message: 'The stream has expired', code: 'STREAM_EXPIRED' } };
    const results: object[] = [];
    for (const one of requests) results.push(stream.answer(one));
    return { status: 200, body: { baton: stream.closed ? null : this.#keep(stream), base_url: null, results } };
  }

  #take(baton: string): Stream | undefined {
    const kept = this.#streams.get(baton);
    this.#streams.delete(baton);
    clearTimeout(kept?.timer);
    return kept?.stream;
  }

  #keep(stream: Stream): string {
    const baton = randomUUID();
    const timer = setTimeout(() => this.#take(baton)?.close(), streamIdleMs);
    this.#streams.set(baton, { stream, timer });
    return baton;
  }
}

const [port = '0', file = '', token = ''] = process.argv.slice(2);
createServer(new HranaServer(file, token).handle).listen(Number(port), '127.0.0.1');
