import { findingAt, type SourceDocument } from '../design/source-document.ts';
import type { Finding } from '../finding.ts';
import type { JsonObject } from '../json.ts';
import { modelHeadSchema, type ModelHead } from './model-member.ts';
import { definitionVersionSchema, modelCategories, modelVersionSchema, type ModelCategory } from './model.ts';
import { readableName, slugOf } from './readable-name.ts';

/** What one source says of a model; it may be anything from all to nothing. */
export type ModelHints = {
  readonly name?: string | undefined;
  readonly version?: string | undefined;
  readonly displayName?: string | undefined;
  readonly description?: string | undefined;
  readonly category?: ModelCategory | undefined;
  readonly subCategory?: string | undefined;
  readonly definitionVersion?: string | undefined;
  readonly metadata?: JsonObject | undefined;
};

export type ResolvedModel = { readonly head: ModelHead; readonly findings: readonly Finding[] };

/** The version of a model whose source says none. */
export const unknownVersion = 'v0.0.0';

const nowhere: SourceDocument = { value: null, locate: () => undefined };

/** The model that several sources tell of, the first one that says something deciding each thing. */
export function resolveModel(hints: readonly ModelHints[], fallbackName: string): ResolvedModel {
  const first = <Field extends keyof ModelHints>(field: Field): ModelHints[Field] =>
    hints.map((hint) => hint[field]).find((value) => value !== undefined && value !== '');
  const wanted = first('name') ?? fallbackName;
  const name = slugOf(wanted) || 'model';
  const version = versionText(first('version'));
  const given = {
    name,
    version: version ?? unknownVersion,
    displayName: first('displayName')?.slice(0, 200) ?? readableName(name),
    description: first('description')?.slice(0, 5_000),
    category: first('category'),
    subCategory: first('subCategory')?.slice(0, 200),
    metadata: first('metadata'),
  };
  const head = modelHeadSchema.parse({
    model: given,
    definitionVersion: definitionVersionText(first('definitionVersion')),
  });
  const unknown = version === undefined ? [noVersion(name)] : [];
  return { head, findings: name === wanted ? unknown : [...unknown, renamed(wanted, name)] };
}

/** A version that can stand in an address, or undefined for texts that are none. */
export function versionText(text: string | undefined): string | undefined {
  const trimmed = (text ?? '').trim().slice(0, 100);
  return modelVersionSchema.safeParse(trimmed).success ? trimmed : undefined;
}

/** `v1.0.0` of `1.0.0` and of `v1.0.0`. */
export function definitionVersionText(text: string | undefined): string | undefined {
  const version = `v${(text ?? '').trim().replace(/^v/, '')}`;
  return definitionVersionSchema.safeParse(version).success ? version : undefined;
}

/** One of Meshery's categories, however it is spelt, or undefined. */
export function categoryOf(text: string | undefined): ModelCategory | undefined {
  return modelCategories.find((category) => letters(category) === letters(text ?? ''));
}

function letters(text: string): string {
  return text.toLowerCase().replaceAll(/[^a-z]+/g, '');
}

function noVersion(name: string): Finding {
  return findingAt(
    { document: nowhere, path: [] },
    {
      severity: 'warning',
      code: 'model.noVersion',
      message: `The source does not say which version of ${name} it describes; ${unknownVersion} stands for it.`,
      fix: 'Give the version with the source.',
      subject: name,
    },
  );
}

function renamed(wanted: string, name: string): Finding {
  return findingAt(
    { document: nowhere, path: [] },
    { severity: 'note', code: 'model.renamed', message: `"${wanted}" is called ${name} here.`, subject: name },
  );
}
