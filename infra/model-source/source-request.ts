import type { ModelSource, SourceState } from '../../domain/registry/model-source.ts';
import type { SourceCredential } from '../../domain/source-connection.ts';
import type { Scratch } from './scratch.ts';

/** What bringing a source of a certain kind here works with. */
export type SourceRequest<Kind extends ModelSource['kind']> = {
  readonly source: Extract<ModelSource, { kind: Kind }>;
  readonly credential: SourceCredential | undefined;
  readonly scratch: Scratch;
  /** What the last reading of the source knew; undefined to read it whatever it says. */
  readonly previous: SourceState | undefined;
  readonly signal: AbortSignal;
};
