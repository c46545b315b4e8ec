import type { Finding } from '../../domain/finding.ts';
import type { Attachment, ModelHead, ModelMember } from '../../domain/registry/model-member.ts';
import type { ModelOverrides } from '../../domain/registry/model-source.ts';
import type { Registrant } from '../../domain/registry/model.ts';
import type { ProgramSource } from '../design-source/find-program.ts';
import type { Scratch } from './scratch.ts';

/** Where in a source something was found: a path, with `#2` for the second document of a file. */
type Placed = { readonly place: string };

/** A file that belongs to a model and is kept as it is; its content is read when it is asked for. */
export type ExtractedAttachment = Placed & {
  readonly type: 'attachment';
  readonly definition: Attachment;
  readonly read: () => Promise<Uint8Array>;
};

/** One member as a source gives it, or an entity that cannot be one: it fails the source unless partial results are wanted. */
export type ExtractedMember =
  | (Exclude<ModelMember, { type: 'attachment' }> & Placed)
  | ExtractedAttachment
  | (Placed & { readonly type: 'rejected'; readonly findings: readonly Finding[] });

/** A model of a source. Its members stream once, and to their end before the next model is asked for. */
export type ExtractedModel = {
  readonly head: ModelHead;
  /** What the package itself says it came from. */
  readonly registrant?: Registrant;
  readonly members: AsyncIterable<ExtractedMember>;
};

/** The models of a source one after another, and findings that belong to none of them. */
export type Extraction = AsyncIterable<ExtractedModel | { readonly findings: readonly Finding[] }>;

/** Helm templates charts, kustomize builds folders; without them a source that needs one gets a finding. */
export type ExtractionPrograms = { readonly helm?: ProgramSource; readonly kustomize?: ProgramSource };

/** What is known of a source before it is read; the source's own words and the overrides go before it. */
export type SourceHints = {
  /** Of the chart, the repository or the artifact. */
  readonly name?: string;
  /** A chart's version, a Git tag, an OCI tag. */
  readonly version?: string;
};

export type ExtractOptions = {
  /** The source in a few words, for messages. */
  readonly label: string;
  readonly overrides?: ModelOverrides;
  readonly programs: ExtractionPrograms;
  readonly scratch: Scratch;
  readonly signal?: AbortSignal;
  readonly known?: SourceHints;
};
