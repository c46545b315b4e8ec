import type { OperationInput } from '../domain/operation.ts';
import type { Database } from '../infra/database/database.ts';
import { hasBegun } from '../infra/database/progress.ts';

/** Whether an operation that goes on may have changed its cluster: a lost worker may have written more than it recorded. */
export function hasApplied(database: Database, { operationId }: OperationInput): Promise<boolean> {
  return hasBegun(database, { operationId, phase: 'apply' });
}
