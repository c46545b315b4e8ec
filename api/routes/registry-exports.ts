import { createHash } from 'node:crypto';
import { createRoute, z } from '@hono/zod-openapi';
import { modelCategories, registrantKinds } from '../../domain/registry/model.ts';
import { listModels, type ModelDetail, requireModel, type StoredModel } from '../../infra/database/registry/models.ts';
import { imageLayouts } from '../../infra/model-source/oci/layout.ts';
import { tagOfVersion } from '../../infra/model-source/oci/reference.ts';
import { writableModel } from '../../infra/registry/writable-model.ts';
import { writeDocuments } from '../../infra/registry/write-documents.ts';
import { writeImage } from '../../infra/registry/write-image.ts';
import { writePackage } from '../../infra/registry/write-package.ts';
import { sheetKinds, writeSheet } from '../../infra/registry/write-sheet.ts';
import { type ApiContext, createRouter, type RouteDeps } from '../context.ts';
import { isKnown } from '../etag.ts';
import { modelParam } from '../registry-bodies.ts';
import { oneOrMore } from '../schemas.ts';

const formats = ['package', 'image', 'csv', 'json'] as const;
type Format = (typeof formats)[number];

const forms: Readonly<Record<Format, { readonly mediaType: string; readonly ending: string }>> = {
  package: { mediaType: 'application/gzip', ending: '.tar.gz' },
  image: { mediaType: 'application/x-tar', ending: '-image.tar' },
  csv: { mediaType: 'text/csv; charset=utf-8', ending: '.csv' },
  json: { mediaType: 'application/json', ending: '.json' },
};

const formQuery = {
  format: z.enum(formats).default('package').openapi({
    description:
      'package: what Slipway and Meshery import; image: the package as an image file; csv: one sheet; json: all documents but files',
  }),
  sheet: z.enum(sheetKinds).default('models').openapi({ description: 'With csv: which table' }),
  layout: z.enum(imageLayouts).default('docker').openapi({ description: 'With image: how the file is laid out' }),
};
type Form = {
  readonly format: Format;
  readonly sheet: (typeof sheetKinds)[number];
  readonly layout: (typeof imageLayouts)[number];
};

const binary = { schema: z.string().openapi({ format: 'binary' }) };
const responses = {
  200: {
    description: 'The file; its ETag changes with what is exported',
    content: {
      'application/gzip': binary,
      'application/x-tar': binary,
      'text/csv': binary,
      'application/json': binary,
    },
  },
  304: { description: 'The caller has it already, by its If-None-Match' },
};

const headers = z.object({ 'if-none-match': z.string().max(1_000).optional() });

const exportModel = createRoute({
  method: 'get',
  path: '/v1/models/{model}/export',
  operationId: 'exportModel',
  summary: 'A version of a model as a file',
  tags: ['models'],
  request: { params: z.object({ model: modelParam }), headers, query: z.strictObject(formQuery) },
  responses,
});

const exportAll = createRoute({
  method: 'get',
  path: '/v1/registry/export',
  operationId: 'exportRegistry',
  summary: 'The latest version of every model, or of some, in one file',
  tags: ['registry'],
  request: {
    headers,
    query: z.strictObject({
      ...formQuery,
      category: oneOrMore(z.enum(modelCategories)),
      registrant: oneOrMore(z.enum(registrantKinds)),
    }),
  },
  responses,
});

type Exported = { readonly name: string; readonly tag: string; readonly models: readonly StoredModel[] };

/** The registry as files that others import. They are made while they are sent. */
export function registryExportRoutes(deps: RouteDeps) {
  const { database } = deps;
  return createRouter()
    .openapi(exportModel, async (c) => {
      const model = await requireModel(database, c.req.valid('param').model);
      const exported = { name: model.name, tag: tagOfVersion(model.version), models: [model] };
      return send(deps, c, { ...exported, form: c.req.valid('query') });
    })
    .openapi(exportAll, async (c) => {
      const { category, registrant, ...form } = c.req.valid('query');
      const models = await allModels(deps, { category, registrantKind: registrant });
      return send(deps, c, { name: 'registry', tag: 'latest', models, form });
    });
}

function send(deps: RouteDeps, c: ApiContext, { form, ...exported }: Exported & { readonly form: Form }): Response {
  const etag = etagOf(exported.models, form);
  c.header('ETag', etag);
  if (isKnown(c.req.header('if-none-match'), etag)) return c.body(null, 304);
  const { mediaType, ending } = forms[form.format];
  const version = exported.name === 'registry' ? '' : `-${exported.tag}`;
  const sheet = form.format === 'csv' ? `-${form.sheet}` : '';
  c.header('Content-Type', mediaType);
  c.header('Content-Disposition', `attachment; filename="${exported.name}${version}${sheet}${ending}"`);
  return c.body(ReadableStream.from(logged(deps, contentOf(deps, exported, form))));
}

/** Nothing is read before the caller reads. */
function contentOf(
  { database, config }: RouteDeps,
  { name, tag, models }: Exported,
  { format, sheet, layout }: Form,
): AsyncGenerator<Uint8Array, void> {
  switch (format) {
    case 'package':
      return writePackage(writable(database, models));
    case 'json':
      return writeDocuments(writable(database, models, { attachments: false }));
    case 'csv':
      return writeSheet(database, sheet, details(database, models));
    case 'image': {
      const title = `${name}-${tag}.tar.gz`;
      return writeImage({
        models: writable(database, models),
        name: `${name}:${tag}`,
        title,
        layout,
        home: config.home,
      });
    }
  }
}

type Database = RouteDeps['database'];

async function* details(database: Database, models: readonly StoredModel[]): AsyncGenerator<ModelDetail, void> {
  for (const { id } of models) yield await requireModel(database, id);
}

async function* writable(
  database: Database,
  models: readonly StoredModel[],
  options: { readonly attachments?: boolean } = {},
) {
  for await (const model of details(database, models)) yield writableModel(database, model, options);
}

async function allModels(
  { database }: RouteDeps,
  conditions: Pick<NonNullable<Parameters<typeof listModels>[1]>, 'category' | 'registrantKind'>,
): Promise<readonly StoredModel[]> {
  const models: StoredModel[] = [];
  let cursor: string | null | undefined;
  do {
    const page = await listModels(database, { ...conditions, latest: true, limit: 1_000, cursor: cursor ?? undefined });
    models.push(...page.items);
    cursor = page.nextCursor;
  } while (cursor !== null);
  return models;
}

/** What is exported says all of the file, with its form: the bytes are the same whenever it is made. */
function etagOf(models: readonly StoredModel[], form: Form): string {
  const hash = createHash('sha256').update(JSON.stringify(form));
  for (const { contentDigest, definitionVersion, status } of models) {
    hash.update(`\n${contentDigest} ${definitionVersion} ${status}`);
  }
  return `"${hash.digest('hex')}"`;
}

/** A failure in the middle of an answer cannot be told to the caller any more: the connection breaks off. */
async function* logged(
  { log }: RouteDeps,
  content: AsyncGenerator<Uint8Array, void>,
): AsyncGenerator<Uint8Array, void> {
  try {
    yield* content;
  } catch (error) {
    log.error({ err: error }, 'an export broke off');
    throw error;
  }
}
