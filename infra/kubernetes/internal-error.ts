import type { ErrorCode } from '../../domain/errors.ts';
import type { ApiErrorCause } from './api-error-cause.ts';

/** What a 500 of the API server really means. */
export type InternalErrorMeaning = {
  readonly code: ErrorCode;
  readonly causes: readonly ApiErrorCause[];
  /** False where nothing was stored. */
  readonly mayHaveLanded: boolean;
};

/**
 * Reads the message of a 500. The API server answers so for objects that server-side apply cannot fit into the schema
 * and for objects that etcd finds too large, which no repeating mends, and for admission webhooks that it cannot reach,
 * which repeating does.
 */
export function meaningOfInternalError(message: string): InternalErrorMeaning {
  if (isWebhookFailure(message)) return { code: 'unavailable', causes: [], mayHaveLanded: false };
  if (/request is too large|larger than max/.test(message)) return refused('tooLarge', []);
  const mismatch = schemaMismatch.exec(message);
  if (mismatch !== null) return refused('invalid', mismatchCauses(mismatch[1] ?? ''));
  return { code: 'unavailable', causes: [], mayHaveLanded: true };
}

function refused(code: ErrorCode, causes: readonly ApiErrorCause[]): InternalErrorMeaning {
  return { code, causes, mayHaveLanded: false };
}

function isWebhookFailure(message: string): boolean {
  return /failed calling webhook|conversion webhook for|no endpoints available for service/.test(message);
}

/** `failed to create typed patch object (shop/web; apps/v1, Kind=Deployment): .spec.x: field not declared in schema` */
const schemaMismatch =
  /^failed to (?:create typed (?:patch|live|new) object|convert new object) \([^)]*\)(?: to proper version)?: ([\s\S]*)$/;

/** One problem, or `errors:` and one on each line: `.spec.template.spec.containers[name="x"].env: duplicate entries …` */
function mismatchCauses(problems: string): readonly ApiErrorCause[] {
  return problems
    .replace(/^errors:\s*/, '')
    .split('\n')
    .map((line) => mismatchCause(line.trim()))
    .filter(({ message }) => message !== '');
}

function mismatchCause(problem: string): ApiErrorCause {
  const parts = /^\.((?:[^:"[]|\[[^\]]*\])+): (.*)$/.exec(problem);
  const text = parts?.[2] ?? problem;
  // Go prints some values as `&value.valueUnstructured{Value:1}`.
  const message = text.replace(/&value\.\w+\{Value:(.*)\}/, '$1');
  return { reason: 'FieldSchemaMismatch', message, field: parts?.[1] ?? '' };
}
