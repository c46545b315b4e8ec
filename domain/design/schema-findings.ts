import type { z } from 'zod';
import type { Finding } from '../finding.ts';
import { valueAt, type JsonPath } from '../json.ts';
import { didYouMean } from './closest-name.ts';
import { designJsonSchema } from './slipway-source.ts';
import { findingAt, type SourceDocument } from './source-document.ts';

type Issue = z.core.$ZodIssue;

/** What the schema of Slipway's format says of a document, in a person's words and with places. */
export function schemaFindings(document: SourceDocument, issues: readonly Issue[]): readonly Finding[] {
  return issues.flatMap((issue) => toFindings(document, issue));
}

function toFindings(document: SourceDocument, issue: Issue): readonly Finding[] {
  const path = issue.path.filter((step) => typeof step !== 'symbol');
  if (issue.code === 'unrecognized_keys') return issue.keys.map((key) => unknownField(document, [...path, key]));
  const field = path.at(-1) ?? 'the design';
  const missing = valueAt(document.value, ...path) === undefined;
  return [
    findingAt(
      { document, path },
      {
        severity: 'error',
        code: missing ? 'design.missingField' : 'design.invalidField',
        message: missing ? `"${field}" is missing.` : `"${field}": ${describe(issue)}.`,
        ...(missing ? { fix: `Add "${field}".` } : {}),
      },
    ),
  ];
}

function describe(issue: Issue): string {
  if (issue.code === 'invalid_value')
    return `must be ${issue.values
      .map((value) => JSON.stringify(value))
      .join(', ')
      .replace(/, ([^,]*)$/, ' or $1')}`;
  if (issue.code === 'invalid_type')
    return `must be ${issue.expected === 'array' ? 'a list' : issue.expected === 'object' ? 'a mapping' : `a ${issue.expected}`}`;
  if (issue.code === 'too_small') return 'must not be empty';
  if (issue.code === 'too_big') return `must have at most ${String(issue.maximum)} characters`;
  return issue.message;
}

function unknownField(document: SourceDocument, path: JsonPath): Finding {
  const known = knownFields(path.slice(0, -1));
  return findingAt(
    { document, path },
    {
      severity: 'error',
      code: 'design.unknownField',
      message: `There is no field "${String(path.at(-1))}" here.${didYouMean(String(path.at(-1)), known)}`,
      fix: `Remove it, or use one of: ${known.join(', ')}.`,
    },
  );
}

/** The fields that the published schema has at a path. */
function knownFields(path: JsonPath): readonly string[] {
  const schemaPath = path.flatMap((step) => (typeof step === 'number' ? ['items'] : ['properties', step]));
  const properties = valueAt(designJsonSchema(), ...schemaPath, 'properties');
  return typeof properties === 'object' && properties !== null ? Object.keys(properties) : [];
}
