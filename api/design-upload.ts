import { SlipwayError } from '../domain/errors.ts';
import { type DesignFormat, designFormats } from '../domain/design.ts';
import type { NewRevision } from '../infra/database/designs.ts';
import { z } from '@hono/zod-openapi';
import type { DesignReader } from '../infra/design-source/design-reader.ts';
import { type ApiContext, inputProblem } from './context.ts';
import { badRequest, RequestError } from './problem.ts';
import { newDesignBody } from './schemas.ts';

const textTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'] as const;
const archiveTypes = [
  'application/gzip',
  'application/x-gzip',
  'application/zip',
  'application/x-zip-compressed',
  'application/x-tar',
  'application/octet-stream',
] as const;

const text = { schema: z.string().openapi({ description: 'A design in any accepted format' }) };
const archive = {
  schema: z.string().openapi({ format: 'binary', description: 'An archive, or text in UTF-16; told by its bytes' }),
};

/** What a design may be sent as: the `content` of a route's request body. */
export const uploadContent = {
  'application/json': { schema: newDesignBody },
  'application/yaml': text,
  'application/x-yaml': text,
  'text/yaml': text,
  'text/x-yaml': text,
  'application/gzip': archive,
  'application/x-gzip': archive,
  'application/zip': archive,
  'application/x-zip-compressed': archive,
  'application/x-tar': archive,
  'application/octet-stream': archive,
};

/** What the fields of the JSON form say, for the raw forms. */
export const uploadQuerySchema = newDesignBody.omit({ source: true });

/** A design as it was sent. */
export type DesignUpload = {
  readonly name: string | undefined;
  readonly format: DesignFormat | undefined;
  readonly fileName: string | undefined;
  readonly content: { readonly text: string } | { readonly bytes: Uint8Array };
  /** The content as text that can be stored and given back: a data URL for an archive. */
  readonly source: string;
};

/** The design in the body of a request, in whichever form it was sent. */
export async function receiveDesign(c: ApiContext): Promise<DesignUpload> {
  const mediaType = (c.req.header('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? '';
  if (mediaType === 'application/json') {
    const { source, ...fields } = parse(newDesignBody, await c.req.json(), 'body');
    return { ...named(fields), content: { text: source }, source };
  }
  const fields = named(parse(uploadQuerySchema.strip(), c.req.query(), 'query'));
  const bytes = new Uint8Array(await c.req.arrayBuffer());
  if (bytes.length === 0) throw badRequest('the body is empty');
  if (textTypes.some((type) => type === mediaType)) {
    const source = decodeUtf8(bytes);
    return { ...fields, content: { text: source }, source };
  }
  if (archiveTypes.some((type) => type === mediaType)) {
    return {
      ...fields,
      content: { bytes },
      source: `data:${mediaType};base64,${Buffer.from(bytes).toString('base64')}`,
    };
  }
  throw new RequestError(415, `a design cannot be sent as ${mediaType === '' ? 'a body without a type' : mediaType}`, {
    code: 'unsupported',
    fix: `Send it as one of: ${Object.keys(uploadContent).join(', ')}.`,
  });
}

/**
 * The revision that the body of a request becomes, and the name that the request gave. Throws SlipwayError `invalid` with
 * all findings where one of them is an error.
 */
export async function receiveRevision(
  c: ApiContext,
  reader: DesignReader,
): Promise<{ readonly name: string | undefined; readonly revision: NewRevision }> {
  const upload = await receiveDesign(c);
  const { design, format, findings } = await readUpload(reader, upload);
  const count = findings.filter((finding) => finding.severity === 'error').length;
  if (design === undefined || count > 0) {
    throw new SlipwayError('invalid', `the design has ${count === 1 ? 'an error' : `${count} errors`}`, { findings });
  }
  return { name: upload.name, revision: { design, format, findings, source: upload.source, actor: c.var.actor } };
}

/** What the reader makes of an upload, with every finding. */
export function readUpload(reader: DesignReader, { content, fileName, format }: DesignUpload) {
  return reader.readDesign({
    ...content,
    ...(fileName === undefined ? {} : { fileName }),
    ...(format === undefined ? {} : { format }),
  });
}

/** What was sent, out of what was stored of it. */
export function sourceContent(source: string): {
  readonly mediaType: string;
  readonly body: string | Uint8Array<ArrayBuffer>;
} {
  const [, mediaType, base64] = /^data:([\w/+-]+);base64,([A-Za-z0-9+/=]*)$/.exec(source) ?? [];
  return mediaType === undefined || base64 === undefined
    ? { mediaType: 'application/yaml', body: source }
    : { mediaType, body: new Uint8Array(Buffer.from(base64, 'base64')) };
}

function named({ name, format, fileName }: z.infer<typeof uploadQuerySchema>) {
  return { name, fileName, format: designFormats.find((known) => known === format) };
}

function parse<T>(schema: z.ZodType<T>, value: unknown, place: string): T {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  throw inputProblem(result.error, place);
}

function decodeUtf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    throw badRequest('the body is not UTF-8 text');
  }
}
