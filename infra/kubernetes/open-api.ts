import { z } from 'zod';
import { arrayAt, isJsonObject, type JsonObject, stringAt } from '../../domain/json.ts';
import { groupOf, versionOf } from '../../domain/kubernetes-object.ts';
import { groupVersionPath } from './resource.ts';
import { parseAnswer, type RequestOptions, type Transport } from './transport.ts';

/** The schemas of one group version, by the names that `$ref`s use. */
export type OpenApiDocument = {
  readonly schemas: Readonly<Record<string, JsonObject>>;
  /** The schema of a kind, or undefined. */
  readonly schemaFor: (apiVersion: string, kind: string) => JsonObject | undefined;
  /** What `#/components/schemas/X` points at, or undefined. */
  readonly resolve: (reference: string) => JsonObject | undefined;
};

/** The OpenAPI 3 documents that the API server publishes, each read at first use. */
export type OpenApi = {
  /** Undefined where the server publishes none for that group version. `apiVersion` as in objects: `apps/v1`. */
  readonly document: (apiVersion: string, options?: RequestOptions) => Promise<OpenApiDocument | undefined>;
  /** Reads the index again at the next question; documents whose hash is the same are kept. */
  readonly invalidate: () => void;
};

const indexSchema = z.object({ paths: z.record(z.string(), z.object({ serverRelativeURL: z.string() })) });
const documentSchema = z.object({
  components: z.object({ schemas: z.record(z.string(), z.custom<JsonObject>(isJsonObject)).optional() }).optional(),
});

type Index = z.infer<typeof indexSchema>['paths'];
type Kept = { readonly url: string; readonly document: Promise<OpenApiDocument> };

export function createOpenApi(transport: Transport): OpenApi {
  const kept = new Map<string, Kept>();
  let index: Promise<Index> | undefined;

  const readIndex = async (): Promise<Index> => {
    const answer = await transport.send({ method: 'GET', path: '/openapi/v3' });
    return parseAnswer(answer, indexSchema).paths;
  };

  const currentIndex = (): Promise<Index> => {
    if (index !== undefined) return index;
    const started = readIndex();
    index = started;
    started.catch(() => {
      if (index === started) index = undefined;
    });
    return started;
  };

  const keep = (apiVersion: string, url: string): Promise<OpenApiDocument> => {
    const known = kept.get(apiVersion);
    // The address carries the hash of the content.
    if (known?.url === url) return known.document;
    const document = readDocument(transport, url);
    kept.set(apiVersion, { url, document });
    document.catch(() => {
      if (kept.get(apiVersion)?.document === document) kept.delete(apiVersion);
    });
    return document;
  };

  return {
    document: async (apiVersion, options) => {
      options?.signal?.throwIfAborted();
      const paths = await currentIndex();
      const url = paths[groupVersionPath(apiVersion).slice(1)]?.serverRelativeURL;
      return url === undefined ? undefined : await keep(apiVersion, url);
    },
    invalidate: () => {
      index = undefined;
    },
  };
}

async function readDocument(transport: Transport, path: string): Promise<OpenApiDocument> {
  const answer = await transport.send({ method: 'GET', path });
  const schemas = parseAnswer(answer, documentSchema).components?.schemas ?? {};
  return {
    schemas,
    schemaFor: (apiVersion, kind) => Object.values(schemas).find((schema) => isSchemaOf(schema, apiVersion, kind)),
    resolve: (reference) => schemas[reference.slice(reference.lastIndexOf('/') + 1)],
  };
}

function isSchemaOf(schema: JsonObject, apiVersion: string, kind: string): boolean {
  return arrayAt(schema, 'x-kubernetes-group-version-kind').some(
    (one) =>
      stringAt(one, 'kind') === kind &&
      stringAt(one, 'group') === groupOf(apiVersion) &&
      stringAt(one, 'version') === versionOf(apiVersion),
  );
}
