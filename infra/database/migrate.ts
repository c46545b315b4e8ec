import { fileURLToPath } from 'node:url';
import type { Client } from '@libsql/client';
import { readMigrationFiles } from 'drizzle-orm/migrator';
import { SlipwayError } from '../../domain/errors.ts';
import { isTaken } from './failures.ts';

const migrationsFolder = fileURLToPath(new URL('./migrations', import.meta.url));

type Migration = ReturnType<typeof readMigrationFiles>[number];

/**
 * Brings the database to this version's schema. A migration and the row that records it commit together, and the row
 * comes first: of two processes that start at once, one migrates and the other waits and finds it done.
 */
export async function migrate(client: Client): Promise<void> {
  await client.execute(
    'create table if not exists schema_migrations (made_at integer primary key, hash text not null, applied_at text not null)',
  );
  const migrations = readMigrationFiles({ migrationsFolder });
  const applied = await appliedMigrations(client);
  refuseNewer(migrations, applied);
  for (const migration of migrations.filter(({ folderMillis }) => !applied.has(folderMillis))) {
    await applyOnce(client, migration);
  }
}

async function appliedMigrations(client: Client): Promise<ReadonlySet<number>> {
  const { rows } = await client.execute('select made_at from schema_migrations');
  return new Set(rows.map((row) => Number(row['made_at'])));
}

function refuseNewer(migrations: readonly Migration[], applied: ReadonlySet<number>): void {
  const known = new Set(migrations.map(({ folderMillis }) => folderMillis));
  if ([...applied].every((madeAt) => known.has(madeAt))) return;
  throw new SlipwayError('unsupported', 'the database was made by a newer version of Slipway', {
    fix: 'Start that version or a later one, or give another DATABASE_URL.',
  });
}

async function applyOnce(client: Client, { folderMillis, hash, sql }: Migration): Promise<void> {
  const record = {
    sql: 'insert into schema_migrations (made_at, hash, applied_at) values (?, ?, ?)',
    args: [folderMillis, hash, new Date().toISOString()],
  };
  try {
    await client.migrate([record, ...sql]);
  } catch (error) {
    if (!isTaken(error)) throw error;
  }
}
