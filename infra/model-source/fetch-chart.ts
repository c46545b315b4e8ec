import { presentFields } from '../../domain/design/present-fields.ts';
import type { SourceState } from '../../domain/registry/model-source.ts';
import { type ChartQuery, downloadChart, findChart, type FoundChart } from './helm/repository.ts';
import { pullArtifact } from './oci/artifact.ts';
import { createOciClient } from './oci/client.ts';
import { parseOciReference, tagOfVersion } from './oci/reference.ts';
import type { SourceRequest } from './source-request.ts';
import type { WebClient } from './web-client.ts';

export type FetchedChart =
  | { readonly changed: false; readonly state?: SourceState }
  | { readonly changed: true; readonly state: SourceState; readonly file: string; readonly version: string };

/**
 * The chart of a repository as a file. It has not changed where the index has not, or where the index still states the digest
 * of the chart that was read. Throws what `findChart`, `downloadChart` and `pullArtifact` throw.
 */
export async function fetchChart(web: WebClient, request: SourceRequest<'helm'>): Promise<FetchedChart> {
  const { source, credential, scratch, previous, signal } = request;
  const { repository, chart, version } = source;
  const query: ChartQuery = { repository, chart, version, credential, previous, into: scratch, signal };
  const found = await findChart(web, query);
  if (!found.changed) return { changed: false };
  const index = presentFields({ etag: found.etag, lastModified: found.lastModified });
  const isKnown = found.digest !== undefined && found.digest === previous?.digest;
  if (isKnown) return { changed: false, state: { ...index, digest: found.digest } };
  const { file, digest } = found.url.startsWith('oci://')
    ? await pullChart(web, found, request)
    : await downloadChart(web, found, query);
  const state = { ...index, digest };
  return digest === previous?.digest
    ? { changed: false, state }
    : { changed: true, state, file, version: found.version };
}

/** The credential is that of the repository, not of the registry to which its index points. */
async function pullChart(web: WebClient, { url, version }: FoundChart, { scratch, signal }: SourceRequest<'helm'>) {
  const reference = parseOciReference(url);
  const tagged = reference.tag === undefined && reference.digest === undefined;
  const client = createOciClient({ web });
  const wanted = tagged ? { ...reference, tag: tagOfVersion(version) } : reference;
  const pulled = await pullArtifact(client, wanted, { into: scratch, signal });
  if (!pulled.changed) throw new Error('a pull without a previous one was not changed');
  return pulled;
}
