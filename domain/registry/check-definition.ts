import type { z } from 'zod';
import { findingAt, type SourceDocument } from '../design/source-document.ts';
import type { Finding } from '../finding.ts';
import { formatPath } from '../json.ts';

/** A definition, or why there is none. */
export type ReadDefinition<Definition> = {
  readonly definition?: Definition;
  readonly findings: readonly Finding[];
};

/** The value as the registry's schema has it, or a finding for each thing that does not fit. */
export function checkDefinition<Definition>(
  schema: z.ZodType<Definition>,
  value: unknown,
  document: SourceDocument,
): ReadDefinition<Definition> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return { definition: parsed.data, findings: [] };
  const findings = parsed.error.issues.map((issue) => {
    const path = issue.path.filter((step) => typeof step !== 'symbol');
    const field = formatPath(path);
    const text = {
      severity: 'error' as const,
      code: 'definition.invalid',
      message: `${field === '' ? 'The definition' : `"${field}"`} does not fit: ${issue.message}.`,
    };
    return { ...findingAt({ document, path }, text), ...(field === '' ? {} : { path: field }) };
  });
  return { findings };
}
