import type { Finding } from '../../domain/finding.ts';
import type { ModelHints } from '../../domain/registry/model-hints.ts';
import type { DefinitionReader } from './definition-documents.ts';
import type { ExtractOptions } from './extracted.ts';
import type { SourceTree } from './source-tree.ts';

/** What the reading of all formats of one source shares. */
export type ExtractionContext = {
  readonly tree: SourceTree;
  readonly reader: DefinitionReader;
  readonly options: ExtractOptions;
  /** The file of the tree that kustomize has built. */
  readonly built?: string;
  /** Takes a finding that stops nothing; they are given after the model that is being read. */
  readonly note: (...findings: readonly Finding[]) => void;
};

/** What goes before anything that the source says. */
export function overrideHints({ options }: ExtractionContext): ModelHints {
  return options.overrides ?? {};
}

/** What is known of the source itself, such as its tag. */
export function sourceHints({ options }: ExtractionContext): ModelHints {
  return options.known ?? {};
}

/** The name of a model that nothing names: the last part of what the source is called. */
export function fallbackName({ options }: ExtractionContext): string {
  const last = options.label.split(/[/\\\s]+/).findLast((part) => part !== '') ?? '';
  return last.replace(/(\.tar)?\.[A-Za-z]+$/, '') || 'model';
}
