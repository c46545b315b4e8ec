import { SlipwayError } from '../../../domain/errors.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import type { SourceCredential } from '../../../domain/source-connection.ts';
import { authorizationHeaders } from '../authorization.ts';
import type { Scratch } from '../scratch.ts';
import { shownUrl } from '../../../domain/shown-url.ts';
import type { Downloaded, PreviousDownload, Unchanged, WebClient } from '../web-client.ts';
import { checkIndex, findIndexEntry } from './chart-index.ts';

export type ChartQuery = {
  /** The address of the repository: the folder of its `index.yaml`. */
  readonly repository: string;
  readonly chart: string;
  /** A version or a range as Helm writes it; absent: the newest stable one. */
  readonly version?: string | undefined;
  readonly credential?: SourceCredential | undefined;
  /** What an earlier query said of the index. */
  readonly previous?: PreviousDownload | undefined;
  readonly into: Scratch;
  readonly signal?: AbortSignal | undefined;
};

/** An index to be read; what it is asked for does not matter yet. */
type IndexQuery = Omit<ChartQuery, 'chart' | 'version'>;

export type FoundChart = {
  readonly changed: true;
  /** Where the chart is; of the scheme `oci:` where the repository keeps it in an OCI registry. */
  readonly url: string;
  readonly version: string;
  /** SHA-256 in hex, where the index states one. */
  readonly digest: string | undefined;
  readonly deprecated: boolean;
  /** Of the index. */
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
};

/**
 * Finds a version of a chart in a chart repository; an index that has not changed costs one request. Throws SlipwayError `notFound` for a
 * chart or version that it does not have, `invalid` for what is no chart repository.
 */
export async function findChart(web: WebClient, query: ChartQuery): Promise<FoundChart | Unchanged> {
  const base = folderUrl(query.repository);
  const index = await downloadIndex(web, query);
  if (!index.changed) return index;
  const entry = await findIndexEntry(index.file, query);
  return {
    changed: true,
    url: chartUrl(entry.urls[0] ?? '', base),
    version: entry.version,
    digest: digestOf(entry.digest),
    deprecated: entry.deprecated === true,
    etag: index.etag,
    lastModified: index.lastModified,
  };
}

/** Reads the index of a chart repository. Throws SlipwayError `invalid` for what is no chart repository. */
export async function checkRepository(web: WebClient, query: Omit<IndexQuery, 'previous'>): Promise<void> {
  const index = await downloadIndex(web, query);
  if (index.changed) await checkIndex(index.file);
}

async function downloadIndex(web: WebClient, query: IndexQuery): Promise<Downloaded | Unchanged> {
  return web.download(new URL('index.yaml', folderUrl(query.repository)).href, {
    into: query.into,
    maximumBytes: registryLimits.chartIndexBytes,
    headers: { 'accept-encoding': 'gzip', ...authorizationHeaders(query.credential) },
    previous: query.previous,
    signal: query.signal,
  });
}

/**
 * Downloads a chart that was found. The credential is shown to the origin of the repository only. Throws SlipwayError `failed` where the
 * index states another digest.
 */
export async function downloadChart(web: WebClient, found: FoundChart, query: ChartQuery): Promise<Downloaded> {
  const isSameOrigin = new URL(found.url).origin === new URL(query.repository).origin;
  const chart = await web.download(found.url, {
    into: query.into,
    maximumBytes: registryLimits.sourceBytes,
    headers: isSameOrigin ? authorizationHeaders(query.credential) : {},
    signal: query.signal,
  });
  if (!chart.changed) throw new Error('a download without a previous one was not changed');
  if (found.digest !== undefined && found.digest !== chart.digest) throw otherDigest(found);
  return chart;
}

function folderUrl(repository: string): URL {
  const url = URL.parse(repository);
  if (url === null) throw notAUrl(`the address of the chart repository is not a URL`);
  return url.pathname.endsWith('/') ? url : new URL(`${url.pathname}/${url.search}`, url);
}

function chartUrl(given: string, base: URL): string {
  const url = URL.parse(given, base.href);
  if (url === null) throw notAUrl('the index names a chart by what is not a URL');
  return url.href;
}

function digestOf(digest: string | null | undefined): string | undefined {
  return /^(?:sha256:)?([0-9a-f]{64})$/i.exec(digest ?? '')?.[1]?.toLowerCase();
}

function notAUrl(message: string): SlipwayError {
  return new SlipwayError('invalid', message, { fix: 'Give the address of the folder in which the index.yaml is.' });
}

function otherDigest({ url, version }: FoundChart): SlipwayError {
  return new SlipwayError(
    'failed',
    `the chart ${shownUrl(url)} is not the one that the index of the repository states`,
    {
      fix: `Try again later; if it stays so, the repository is broken or somebody has changed version ${version}.`,
    },
  );
}
