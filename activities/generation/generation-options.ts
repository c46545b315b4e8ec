import { type GenerationOptions, generationOptionsSchema } from '../../domain/registry/generation.ts';
import type { Database } from '../../infra/database/database.ts';
import { readOperationOptions } from '../../infra/database/operations.ts';

/** What the operation was asked to generate. */
export async function readGenerationOptions(database: Database, operationId: string): Promise<GenerationOptions> {
  return generationOptionsSchema.parse(await readOperationOptions(database, operationId));
}
