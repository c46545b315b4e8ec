import { z } from 'zod';
import { findingSchema } from '../finding.ts';
import { modelSourceSchema } from './model-source.ts';

/** What an operation of kind `modelGeneration` is asked for. */
export const generationOptionsSchema = z.strictObject({
  sources: z.array(modelSourceSchema).min(1).max(500),
  /** Store what is right although something in the same source is wrong. */
  partial: z.boolean().default(false),
  /** Read and check everything, and store nothing. */
  dryRun: z.boolean().default(false),
  /** Read sources again although they say that nothing has changed. */
  force: z.boolean().default(false),
  scheduleId: z.string().max(100).optional(),
});

/** What an operation of kind `modelPush` is asked for. */
export const pushOptionsSchema = z.strictObject({
  modelId: z.string().max(100),
  /** `oci://registry/name:tag`; without a tag, that of the model's version. */
  reference: z.string().min(1).max(2_000),
  /** The id or name of a connection whose credential opens the registry. */
  connection: z.string().min(1).max(253).optional(),
});

/** What became of one model of a source. */
export const generatedModelSchema = z.object({
  name: z.string(),
  version: z.string(),
  definitionVersion: z.string(),
  /** `added`: the first of that version; `changed`: another content under the same version. */
  change: z.enum(['added', 'changed', 'unchanged']),
  componentCount: z.number().int(),
  relationshipCount: z.number().int(),
  rejectedCount: z.number().int(),
});

/** What became of one source. A report holds as many models and findings as people read; the counts are whole. */
export const sourceReportSchema = z.object({
  position: z.number().int(),
  source: z.string(),
  outcome: z.enum(['stored', 'checked', 'unchanged', 'failed', 'cancelled']),
  modelCount: z.number().int(),
  /** Of all its models. */
  componentCount: z.number().int().default(0),
  models: z.array(generatedModelSchema).max(100),
  findings: z.array(findingSchema).max(200),
  error: z.object({ code: z.string(), message: z.string(), fix: z.string().optional() }).optional(),
});

export type GenerationOptions = z.infer<typeof generationOptionsSchema>;
export type PushOptions = z.infer<typeof pushOptionsSchema>;
export type GeneratedModel = z.infer<typeof generatedModelSchema>;
export type SourceReport = z.infer<typeof sourceReportSchema>;

/** What came of all sources of an operation, as its result. */
export type GenerationSummary = {
  readonly stored: number;
  readonly unchanged: number;
  readonly checked: number;
  readonly failed: number;
  readonly cancelled: number;
  readonly models: number;
  readonly components: number;
};

/** The sum of the reports: sources by what became of them, and the models and components in them. */
export function summarizeReports(reports: readonly SourceReport[]): GenerationSummary {
  const count = (wanted: SourceReport['outcome']): number => reports.filter(({ outcome }) => outcome === wanted).length;
  return {
    stored: count('stored'),
    unchanged: count('unchanged'),
    checked: count('checked'),
    failed: count('failed'),
    cancelled: count('cancelled'),
    models: reports.reduce((sum, { modelCount }) => sum + modelCount, 0),
    components: reports.reduce((sum, { componentCount }) => sum + componentCount, 0),
  };
}

/** What became of a source, in one line. */
export function describeReport({ outcome, models, modelCount, componentCount, error }: SourceReport): string {
  const [only] = models;
  const what =
    only !== undefined && modelCount === 1 ? `${only.name}@${only.version} ${only.change}` : `${modelCount} models`;
  switch (outcome) {
    case 'stored':
      return `${what}, ${componentCount} components`;
    case 'checked':
      return `${what}, ${componentCount} components; nothing was stored`;
    case 'unchanged':
      return 'as it was read before';
    case 'cancelled':
      return 'cancelled before it was stored';
    case 'failed':
      return error?.message ?? 'failed';
  }
}
