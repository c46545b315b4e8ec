import { defineConfig } from 'drizzle-kit';

/** `drizzle-kit generate` compares the schema with the last migration and writes the next one. */
const config = defineConfig({
  dialect: 'sqlite',
  casing: 'snake_case',
  schema: ['./infra/database/schema.ts', './infra/database/registry/tables.ts'],
  out: './infra/database/migrations',
});

export { config as default };
