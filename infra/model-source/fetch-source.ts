import { createWriteStream } from 'node:fs';
import { basename } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { presentFields } from '../../domain/design/present-fields.ts';
import { SlipwayError } from '../../domain/errors.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import { describeSource, type ModelSource, type SourceState } from '../../domain/registry/model-source.ts';
import type { Registrant } from '../../domain/registry/model.ts';
import { shownUrl } from '../../domain/shown-url.ts';
import type { Clusters } from '../clusters.ts';
import type { Database } from '../database/database.ts';
import { findUpload, readUpload } from '../database/registry/uploads.ts';
import type { ArchiveLimits } from '../design-source/archive-files.ts';
import { authorizationHeaders } from './authorization.ts';
import { extractModels } from './extract.ts';
import type { ExtractionPrograms, ExtractOptions, Extraction, SourceHints } from './extracted.ts';
import { extractDraft } from './extract-draft.ts';
import { fetchChart } from './fetch-chart.ts';
import { fetchSheets } from './fetch-sheets.ts';
import type { GitClient } from './git/client.ts';
import { createOciClient } from './oci/client.ts';
import { pullArtifact } from './oci/artifact.ts';
import { parseOciReference } from './oci/reference.ts';
import { readCluster } from './read-cluster.ts';
import type { Scratch } from './scratch.ts';
import { credentialFor } from './source-credential.ts';
import type { SourceTree } from './source-tree.ts';
import { type PackedSource, unpackInto } from './unpack.ts';
import type { WebClient } from './web-client.ts';

/** What fetching works with. */
export type FetchDependencies = {
  readonly database: Database;
  readonly clusters: Clusters;
  readonly web: WebClient;
  readonly git: GitClient;
  readonly programs: ExtractionPrograms;
  readonly limits: ArchiveLimits;
};

export type FetchRequest<Source extends ModelSource = ModelSource> = {
  readonly source: Source;
  /** The source as people know it, for messages. */
  readonly label: string;
  readonly scratch: Scratch;
  /** What the last reading of the source knew; undefined to read it whatever it says. */
  readonly previous: SourceState | undefined;
  readonly signal: AbortSignal;
};

/** A source that has not changed since, or what it gives when it is read. `state` is for the next time. */
export type FetchedSource =
  | { readonly changed: false; readonly state?: SourceState | undefined }
  | {
      readonly changed: true;
      readonly state: SourceState | undefined;
      readonly registrant: Registrant;
      /** To be read once, while the scratch folder is there. */
      readonly extract: () => Extraction;
    };

type Request<Kind extends ModelSource['kind']> = FetchRequest<Extract<ModelSource, { kind: Kind }>>;

const unchanged = { changed: false } as const;

/** Brings a source here, unless it says that it has not changed. Throws SlipwayErrors, and the signal's reason. */
export async function fetchSource(deps: FetchDependencies, request: FetchRequest): Promise<FetchedSource> {
  const { source, ...rest } = request;
  switch (source.kind) {
    case 'upload':
      return fetchUpload(deps, { ...rest, source });
    case 'url':
      return fetchUrl(deps, { ...rest, source });
    case 'helm':
      return fetchHelm(deps, { ...rest, source });
    case 'git':
      return fetchGit(deps, { ...rest, source });
    case 'oci':
      return fetchOci(deps, { ...rest, source });
    case 'csv':
      return fetchCsv(deps, { ...rest, source });
    case 'cluster':
      return fetchCluster(deps, { ...rest, source });
    case 'draft':
      return {
        changed: true,
        state: undefined,
        registrant: { kind: 'manual', address: '' },
        extract: () => extractDraft(deps.database, source.draftId),
      };
  }
}

async function fetchUpload(deps: FetchDependencies, request: Request<'upload'>): Promise<FetchedSource> {
  const { source, scratch, previous, signal } = request;
  const upload = await findUpload(deps.database, source.uploadId);
  if (upload === undefined) {
    throw new SlipwayError('notFound', `there is no upload ${source.uploadId}`, { fix: 'Send the file again.' });
  }
  if (upload.digest === previous?.digest) return unchanged;
  const file = scratch.newPath();
  const target = createWriteStream(file, { flags: 'wx', mode: 0o600 });
  await pipeline(readUpload(deps.database, upload.id), target, { signal });
  return packed(deps, request, {
    packed: { file, name: upload.fileName },
    state: { digest: upload.digest },
    registrant: { kind: 'upload', address: upload.fileName },
  });
}

async function fetchUrl(deps: FetchDependencies, request: Request<'url'>): Promise<FetchedSource> {
  const { source, scratch, previous, signal } = request;
  const credential = await credentialFor(deps.database, source.connection, source.url);
  const downloaded = await deps.web.trusting(credential?.caCertificate).download(source.url, {
    into: scratch,
    maximumBytes: registryLimits.sourceBytes,
    headers: authorizationHeaders(credential),
    previous,
    signal,
  });
  if (!downloaded.changed) return unchanged;
  const { file, digest, etag, lastModified, url } = downloaded;
  const state = { ...presentFields({ etag, lastModified }), digest };
  if (previous?.digest === digest) return { changed: false, state };
  const name = basename(new URL(url).pathname) || 'download';
  return packed(deps, request, {
    packed: { file, name },
    state,
    registrant: { kind: 'url', address: describeSource(source) },
  });
}

async function fetchHelm(deps: FetchDependencies, request: Request<'helm'>): Promise<FetchedSource> {
  const { source } = request;
  const credential = await credentialFor(deps.database, source.connection, source.repository);
  const chart = await fetchChart(deps.web.trusting(credential?.caCertificate), { ...request, credential });
  if (!chart.changed) return chart;
  return packed(deps, request, {
    packed: { file: chart.file, name: `${source.chart}-${chart.version}.tgz` },
    state: chart.state,
    registrant: { kind: 'helm', address: `${shownUrl(source.repository).replace(/\/$/, '')}/${source.chart}` },
    known: { name: source.chart, version: chart.version },
  });
}

async function fetchGit(deps: FetchDependencies, request: Request<'git'>): Promise<FetchedSource> {
  const { source, scratch, previous, signal } = request;
  const credential = await credentialFor(deps.database, source.connection, source.url);
  const { url, ref, path } = source;
  const remote = { ...presentFields({ ref, path }), url, credential, signal };
  const { commit, ref: name } = await deps.git.remoteCommit(remote);
  if (previous?.commit === commit) return unchanged;
  const cloned = await deps.git.cloneRepository({ ...remote, scratch });
  const tag = /^refs\/tags\/(.+)$/.exec(name)?.[1];
  const known = { name: repositoryName(url), ...(tag === undefined ? {} : { version: tag }) };
  return {
    changed: true,
    state: { commit: cloned.commit },
    registrant: { kind: 'git', address: url },
    extract: () => extractModels(cloned.tree, optionsOf(deps, request, known)),
  };
}

async function fetchOci(deps: FetchDependencies, request: Request<'oci'>): Promise<FetchedSource> {
  const { source, scratch, previous, signal } = request;
  const reference = parseOciReference(source.reference);
  const credential = await credentialFor(deps.database, source.connection, source.reference);
  const client = createOciClient({ web: deps.web.trusting(credential?.caCertificate), credential });
  const pulled = await pullArtifact(client, reference, { into: scratch, previous, signal });
  if (!pulled.changed) return unchanged;
  const name = basename(reference.repository);
  const version = reference.tag === undefined ? {} : { version: reference.tag };
  return packed(deps, request, {
    packed: { file: pulled.file, name: pulled.name ?? `${name}.tar.gz` },
    state: { digest: pulled.digest },
    registrant: { kind: 'oci', address: `${reference.registry}/${reference.repository}` },
    known: { name, ...version },
  });
}

async function fetchCsv(deps: FetchDependencies, request: Request<'csv'>): Promise<FetchedSource> {
  const { source } = request;
  const credential = await credentialFor(deps.database, source.connection, source.models);
  const sheets = await fetchSheets(deps.web.trusting(credential?.caCertificate), { ...request, credential });
  if (!sheets.changed) return sheets;
  return {
    changed: true,
    state: sheets.state,
    registrant: { kind: 'csv', address: describeSource(source) },
    extract: () => extractModels(sheets.tree, optionsOf(deps, request)),
  };
}

async function fetchCluster(deps: FetchDependencies, request: Request<'cluster'>): Promise<FetchedSource> {
  const { source, previous, signal } = request;
  const client = await deps.clusters.open(source.connection);
  const extraction = optionsOf(deps, request);
  const reading = await readCluster({ client, groups: source.groups, previous, extraction, signal });
  return reading.changed ? { ...reading, registrant: { kind: 'cluster', address: source.connection } } : reading;
}

type Packed = {
  readonly packed: PackedSource;
  readonly state: SourceState | undefined;
  readonly registrant: Registrant;
  readonly known?: SourceHints;
};

async function packed(
  deps: FetchDependencies,
  request: FetchRequest,
  { packed: file, state, registrant, known }: Packed,
): Promise<FetchedSource> {
  const { scratch, signal } = request;
  const tree: SourceTree = await unpackInto(file, { scratch, limits: deps.limits, signal });
  return { changed: true, state, registrant, extract: () => extractModels(tree, optionsOf(deps, request, known)) };
}

function optionsOf(
  { programs }: FetchDependencies,
  { source, label, scratch, signal }: FetchRequest,
  known?: SourceHints,
): ExtractOptions {
  const overrides = 'model' in source ? source.model : undefined;
  return {
    label,
    programs,
    scratch,
    signal,
    ...(overrides === undefined ? {} : { overrides }),
    ...(known === undefined ? {} : { known }),
  };
}

/** `operator` of `https://github.com/acme/operator.git` and `git@github.com:acme/operator`. */
function repositoryName(url: string): string {
  return basename(url.replace(/\/+$/, '').replaceAll(':', '/')).replace(/\.git$/, '');
}
