import type { OperationInput } from '../../domain/operation.ts';
import type { SourceReport } from '../../domain/registry/generation.ts';

/** One source of an operation, by its place among them from 0. */
export type SourceInput = OperationInput & { readonly position: number };

/** Why a source, or the operation, did not succeed. */
export type SourceFailure = NonNullable<SourceReport['error']>;

export type FailedSource = SourceInput & { readonly error: SourceFailure };
