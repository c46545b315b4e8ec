import { z } from 'zod';
import { formatPath, isJsonObject, type JsonPath } from './json.ts';

/** One field that differs; `before` is absent for an added field, `after` for a removed one. */
export const fieldChangeSchema = z.object({
  path: z.string(),
  before: z.json().optional(),
  after: z.json().optional(),
});

export type FieldChange = z.infer<typeof fieldChangeSchema>;

const serverFields = new Set([
  'managedFields',
  'resourceVersion',
  'uid',
  'generation',
  'creationTimestamp',
  'selfLink',
]);
const mask = '(hidden)';

/** The fields that differ between two objects. What the server itself writes is left out and the data of Secrets is hidden. */
export function diffObjects(before: unknown, after: unknown): FieldChange[] {
  const changes = [...diffValues(withoutServerFields(before), withoutServerFields(after), [])];
  const secret = isSecret(before) || isSecret(after);
  return secret ? changes.map(hideSecretData) : changes;
}

function* diffValues(before: unknown, after: unknown, path: JsonPath): Generator<FieldChange> {
  if (before === after) return;
  if (isJsonObject(before) && isJsonObject(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      yield* diffValues(before[key], after[key], [...path, key]);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      yield* diffValues(before[index], after[index], [...path, index]);
    }
    return;
  }
  yield {
    path: formatPath(path),
    ...(before === undefined ? {} : { before: z.json().parse(before) }),
    ...(after === undefined ? {} : { after: z.json().parse(after) }),
  };
}

function withoutServerFields(object: unknown): unknown {
  if (!isJsonObject(object)) return object;
  const { status: _status, ...rest } = object;
  const metadata = isJsonObject(rest['metadata']) ? rest['metadata'] : {};
  const kept = Object.fromEntries(Object.entries(metadata).filter(([name]) => !serverFields.has(name)));
  return { ...rest, metadata: kept };
}

function isSecret(object: unknown): boolean {
  return isJsonObject(object) && object['kind'] === 'Secret' && object['apiVersion'] === 'v1';
}

function hideSecretData(change: FieldChange): FieldChange {
  if (!/^(data|stringData)\b/.test(change.path)) return change;
  return {
    path: change.path,
    ...(change.before === undefined ? {} : { before: mask }),
    ...(change.after === undefined ? {} : { after: `${mask}, changed` }),
  };
}
