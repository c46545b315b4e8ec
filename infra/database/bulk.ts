import { type Column, getTableColumns, type InferInsertModel, type SQL, sql } from 'drizzle-orm';
import type { SQLiteTable } from 'drizzle-orm/sqlite-core';

/** Bounds of one statement, so that none grows without end. */
const maximumRows = 1_000;
const maximumBlobBytes = 4 * 1024 * 1024;

/**
 * Many rows as sources of `insert … select`: the fields travel as one JSON text, and the blobs of a column as one blob
 * out of which each row cuts its own. Measured faster than a list of parameters, and than a statement a row.
 */
export function asSelects<T extends SQLiteTable>(table: T, rows: readonly InferInsertModel<T>[]): readonly SQL[] {
  const columns = Object.entries(getTableColumns(table));
  return chunksOf(rows).map((chunk) => {
    const fields = columns.map(([name, column]) => fieldOf(chunk, name, column));
    const selected = fields.map(({ select }) => select);
    // Without `where true` SQLite reads the `on` of `on conflict` as the constraint of a join.
    return sql`select ${sql.join(selected, sql`, `)} from ${jsonRows(fields)} where true`;
  });
}

/** Sources of `update … set … from`, for rows that give some of the named columns: the others keep what they have. */
export function asUpdates<T extends SQLiteTable>(
  table: T,
  rows: readonly object[],
  names: readonly (string & keyof T['_']['columns'])[],
): readonly { readonly set: Readonly<Record<string, SQL>>; readonly source: SQL }[] {
  const columns = Object.entries(getTableColumns(table));
  return chunksOf(rows).flatMap((chunk) => {
    const given = columns.filter(([name]) => chunk.some((row) => propertyOf(row, name) !== undefined));
    const fields = given.map(([name, column]) => ({ ...fieldOf(chunk, name, column), column }));
    const set = fields
      .filter(({ name }) => names.some((settable) => settable === name))
      .map(({ name, column, select }) => [name, sql`iif(${isGiven(name)}, ${select}, ${column})`]);
    return set.length === 0 ? [] : [{ set: Object.fromEntries(set), source: jsonRows(fields) }];
  });
}

/** A field of the row that an update comes from. */
export function changed(name: string): SQL {
  return sql`changes.value ->> ${sql.raw(`'${name}'`)}`;
}

/** Whether the row that an update comes from gives the field, null included. */
export function isGiven(name: string): SQL {
  return sql`json_type(changes.value, ${sql.raw(`'$.${name}'`)}) is not null`;
}

/** `column in (…)` for any number of values. */
export function isOneOf(column: Column, values: readonly string[]): SQL {
  return sql`${column} in (select value from json_each(${JSON.stringify(values)}))`;
}

/** One column of a chunk: the values as JSON, and the expression that reads them in SQL. */
type Field = { readonly name: string; readonly values: readonly unknown[]; readonly select: SQL };

function jsonRows(fields: readonly Field[]): SQL {
  const length = fields[0]?.values.length ?? 0;
  const rows = Array.from({ length }, (_, index) =>
    Object.fromEntries(fields.map(({ name, values }) => [name, values[index]])),
  );
  // The limit keeps SQLite from walking the JSON again for every row of the table that it is joined to.
  return sql`(select key, value from json_each(${JSON.stringify(rows)}) limit -1) as changes`;
}

function fieldOf(rows: readonly object[], name: string, column: Column): Field {
  return isBlob(column) ? blobField(rows, name) : plainField(rows, name, column);
}

function plainField(rows: readonly object[], name: string, column: Column): Field {
  const values = rows.map((row) => {
    const value = propertyOf(row, name);
    return value === undefined || value === null ? value : column.mapToDriverValue(value);
  });
  return { name, values, select: changed(name) };
}

/** Each value is `[start, length]` in the joined blob, from 1 as `substr` counts. */
function blobField(rows: readonly object[], name: string): Field {
  const blobs = rows.map((row) => propertyOf(row, name));
  const ends: number[] = [];
  for (const blob of blobs) ends.push((ends.at(-1) ?? 0) + sizeOf(blob));
  const joined = Buffer.concat(blobs.filter((blob) => Buffer.isBuffer(blob)));
  return {
    name,
    values: blobs.map((blob, index) => (Buffer.isBuffer(blob) ? [(ends[index - 1] ?? 0) + 1, blob.length] : blob)),
    select: sql`substr(${joined}, ${changed(`$.${name}[0]`)}, ${changed(`$.${name}[1]`)})`,
  };
}

function chunksOf<T extends object>(rows: readonly T[]): readonly T[][] {
  const chunks: T[][] = [];
  let blobBytes = 0;
  for (const row of rows) {
    const rowBytes = Object.values(row).reduce<number>((total, value) => total + sizeOf(value), 0);
    const chunk = chunks.at(-1);
    if (chunk === undefined || chunk.length === maximumRows || blobBytes + rowBytes > maximumBlobBytes) {
      chunks.push([row]);
      blobBytes = rowBytes;
    } else {
      chunk.push(row);
      blobBytes += rowBytes;
    }
  }
  return chunks;
}

function isBlob(column: Column): boolean {
  return column.dataType === 'buffer';
}

function propertyOf(row: object, name: string): unknown {
  return Reflect.get(row, name);
}

function sizeOf(value: unknown): number {
  return Buffer.isBuffer(value) ? value.length : 0;
}
