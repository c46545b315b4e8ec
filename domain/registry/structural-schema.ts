import { findingAt, type SourceDocument } from '../design/source-document.ts';
import type { Finding } from '../finding.ts';
import { arrayAt, isJsonObject, type JsonObject, type JsonPath, objectAt } from '../json.ts';
import { patternProblem } from './pattern-syntax.ts';

/** Deeper schemas are refused; the deepest in the field have about 30. */
export const schemaDepth = 64;

const forbiddenEverywhere = [
  '$ref',
  'definitions',
  'dependencies',
  'deprecated',
  'discriminator',
  'id',
  'patternProperties',
  'readOnly',
  'writeOnly',
  'xml',
] as const;

/** What may stand outside of `allOf`, `anyOf`, `oneOf` and `not` only. */
const forbiddenInJunctors = ['additionalProperties', 'default', 'description', 'nullable', 'title', 'type'] as const;
const junctors = ['allOf', 'anyOf', 'oneOf'] as const;
const types = new Set(['array', 'boolean', 'integer', 'number', 'object', 'string']);

type Problem = { readonly path: JsonPath; readonly message: string; readonly fix: string };
type Step = { readonly schema: JsonObject; readonly path: JsonPath; readonly isRoot: boolean };

/**
 * What the API server refuses in the schema of a CustomResourceDefinition:
 * https://kubernetes.io/docs/tasks/extend-kubernetes/custom-resources/custom-resource-definitions/#specifying-a-structural-schema
 */
export function checkStructuralSchema(
  schema: JsonObject,
  place: { readonly document: SourceDocument; readonly path: JsonPath },
): readonly Finding[] {
  return levels({ schema, path: place.path, isRoot: true }).map(({ path, message, fix }) =>
    findingAt({ document: place.document, path }, { severity: 'error', code: 'schema.notStructural', message, fix }),
  );
}

/** Problems of a schema and of the schemas in it; steps lie on a list, so that no depth exhausts the stack. */
function levels(root: Step): readonly Problem[] {
  const problems: Problem[] = [];
  const waiting = [root];
  for (let step = waiting.pop(); step !== undefined; step = waiting.pop()) {
    const isTooDeep = step.path.length - root.path.length > schemaDepth * 2;
    if (isTooDeep) problems.push(tooDeep(step.path));
    else {
      problems.push(...problemsOf(step));
      waiting.push(...innerSchemas(step).toReversed());
    }
  }
  return problems;
}

function tooDeep(path: JsonPath): Problem {
  return { path: path.slice(0, 20), message: `The schema has more than ${schemaDepth} levels.`, fix: 'Flatten it.' };
}

function innerSchemas({ schema, path }: Step): readonly Step[] {
  const properties = Object.entries(objectAt(schema, 'properties')).map(([name, inner]) => ({
    schema: inner,
    path: [...path, 'properties', name],
  }));
  const others = ['items', 'additionalProperties'].map((name) => ({ schema: schema[name], path: [...path, name] }));
  return [...properties, ...others].flatMap(({ schema: inner, path: at }) =>
    isJsonObject(inner) ? [{ schema: inner, path: at, isRoot: false }] : [],
  );
}

function problemsOf(step: Step): readonly Problem[] {
  return [
    ...typeProblems(step),
    ...shapeProblems(step),
    ...forbiddenProblems(step),
    ...patternProblems(step),
    ...junctorSchemas(step).flatMap((inner) => junctorProblems(inner, step)),
  ];
}

function typeProblems({ schema, path, isRoot }: Step): readonly Problem[] {
  const type = schema['type'];
  const isFree =
    schema['x-kubernetes-int-or-string'] === true || schema['x-kubernetes-preserve-unknown-fields'] === true;
  if (isRoot && type !== 'object')
    return [problem(path, 'The schema of a kind has the type object.', 'Add "type: object".')];
  if (type === undefined || type === '')
    return isFree
      ? []
      : [problem(path, 'A type is missing here.', 'Add "type", as every level of the schema needs one.')];
  if (typeof type !== 'string' || !types.has(type))
    return [
      problem(
        [...path, 'type'],
        `${JSON.stringify(type)} is no type of a schema.`,
        `Use one of ${[...types].join(', ')}.`,
      ),
    ];
  return schema['x-kubernetes-int-or-string'] === true
    ? [
        problem(
          [...path, 'type'],
          'What is a number or a text has no type beside x-kubernetes-int-or-string.',
          'Remove "type".',
        ),
      ]
    : [];
}

type ShapeRule = {
  readonly breaks: (step: Step) => boolean;
  /** The field to point at; absent: the level itself. */
  readonly field?: string;
  readonly message: string;
  readonly fix: string;
};

const shapeRules: readonly ShapeRule[] = [
  {
    breaks: ({ schema }) => schema['type'] === 'array' && !isJsonObject(schema['items']),
    message: 'A list needs one schema for its items.',
    fix: 'Add "items" with a schema.',
  },
  {
    breaks: ({ schema }) => schema['additionalProperties'] === false,
    field: 'additionalProperties',
    message: 'additionalProperties cannot be false here.',
    fix: 'Remove it: unknown fields are dropped anyway.',
  },
  {
    breaks: ({ schema }) => Boolean(schema['additionalProperties']) && schema['properties'] !== undefined,
    message: 'properties and additionalProperties exclude each other.',
    fix: 'Keep one of the two.',
  },
  {
    breaks: ({ schema, isRoot }) => isRoot && Boolean(schema['additionalProperties']),
    field: 'additionalProperties',
    message: 'The outermost level of a kind cannot have additionalProperties.',
    fix: 'Use "properties".',
  },
  {
    breaks: ({ schema }) => schema['uniqueItems'] === true,
    field: 'uniqueItems',
    message: 'uniqueItems cannot be true.',
    fix: 'Use "x-kubernetes-list-type: set".',
  },
  {
    breaks: ({ schema }) => schema['x-kubernetes-preserve-unknown-fields'] === false,
    field: 'x-kubernetes-preserve-unknown-fields',
    message: 'x-kubernetes-preserve-unknown-fields is true or absent.',
    fix: 'Remove it.',
  },
  {
    breaks: ({ schema }) => schema['x-kubernetes-embedded-resource'] === true && schema['type'] !== 'object',
    message: 'An embedded resource has the type object.',
    fix: 'Add "type: object".',
  },
];

function shapeProblems(step: Step): readonly Problem[] {
  return shapeRules
    .filter(({ breaks }) => breaks(step))
    .map(({ field, message, fix }) => problem(field === undefined ? step.path : [...step.path, field], message, fix));
}

function forbiddenProblems({ schema, path }: Step): readonly Problem[] {
  return forbiddenEverywhere
    .filter((keyword) => schema[keyword] !== undefined)
    .map((keyword) =>
      problem(
        [...path, keyword],
        `"${keyword}" is not accepted in the schema of a CustomResourceDefinition.`,
        'Write the schema out without it.',
      ),
    );
}

function patternProblems({ schema, path }: Pick<Step, 'schema' | 'path'>): readonly Problem[] {
  const { pattern } = schema;
  const found = typeof pattern === 'string' ? patternProblem(pattern) : undefined;
  if (found === undefined) return [];
  const message = `The pattern is no regular expression of Kubernetes: ${found}.`;
  return [problem([...path, 'pattern'], message, 'Write it as https://github.com/google/re2/wiki/Syntax says.')];
}

function junctorSchemas({ schema, path }: Pick<Step, 'schema' | 'path'>): readonly Step[] {
  const listed = junctors.flatMap((name) =>
    arrayAt(schema, name).map((inner, index) => ({ inner, path: [...path, name, index] })),
  );
  return [...listed, { inner: schema['not'], path: [...path, 'not'] }].flatMap(({ inner, path: at }) =>
    isJsonObject(inner) ? [{ schema: inner, path: at, isRoot: false }] : [],
  );
}

/** Inside of a junctor, fields are only restricted that the schema around it has. */
function junctorProblems(junctor: Step, outer: Step): readonly Problem[] {
  const { schema, path } = junctor;
  const isFree = outer.schema['x-kubernetes-int-or-string'] === true;
  const forbidden = forbiddenInJunctors.filter(
    (keyword) => schema[keyword] !== undefined && !(keyword === 'type' && isFree),
  );
  const known = objectAt(outer.schema, 'properties');
  const isOpen =
    outer.schema['additionalProperties'] !== undefined || outer.schema['x-kubernetes-preserve-unknown-fields'] === true;
  const inner = Object.entries(objectAt(schema, 'properties'));
  return [
    ...patternProblems(junctor),
    ...forbidden.map((keyword) =>
      problem(
        [...path, keyword],
        `"${keyword}" cannot stand inside allOf, anyOf, oneOf or not.`,
        'Move it to the level around them.',
      ),
    ),
    ...inner
      .filter(([name]) => known[name] === undefined && !isOpen)
      .map(([name]) =>
        problem(
          [...path, 'properties', name],
          `"${name}" is restricted here but the schema around it does not have it.`,
          'Add it to the properties around.',
        ),
      ),
    ...inner.flatMap(([name, value]) =>
      isJsonObject(value)
        ? junctorProblems(
            { schema: value, path: [...path, 'properties', name], isRoot: false },
            { schema: objectAt(known, name), path: outer.path, isRoot: false },
          )
        : [],
    ),
    ...junctorSchemas(junctor).flatMap((nested) => junctorProblems(nested, outer)),
  ];
}

function problem(path: JsonPath, message: string, fix: string): Problem {
  return { path, message, fix };
}
