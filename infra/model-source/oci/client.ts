import { SlipwayError } from '../../../domain/errors.ts';
import { registryLimits } from '../../../domain/registry/limits.ts';
import type { SourceCredential } from '../../../domain/source-connection.ts';
import { isLoopbackHost } from '../loopback-host.ts';
import type { Scratch } from '../scratch.ts';
import type { WebAnswer, WebClient } from '../web-client.ts';
import { createAuthorizer, type Access } from './authorizer.ts';
import type { Blob } from './blob.ts';
import { manifestTypes, parseManifest, sha256Of, type Descriptor, type Manifest } from './manifest.ts';
import { formatOciReference, tagOrDigest, type OciReference } from './reference.ts';
import { createRegistrySession, type RegistrySession } from './registry-session.ts';
import { listTags } from './tags.ts';
import { uploadBlob } from './upload.ts';

export type ManifestDocument = Manifest & { readonly digest: string };

export type BlobDownload = {
  readonly descriptor: Pick<Descriptor, 'digest' | 'size'>;
  readonly into: Scratch;
  readonly signal?: AbortSignal | undefined;
};

/** Reads and writes repositories of OCI registries. https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md */
export type OciClient = {
  /** The digest that a tag points at, by one request. Throws SlipwayError `notFound`. */
  readonly resolve: (reference: OciReference, signal?: AbortSignal) => Promise<string>;
  readonly readManifest: (reference: OciReference, signal?: AbortSignal) => Promise<ManifestDocument>;
  /** A blob as a file whose digest and size are those of the descriptor. Throws `failed` where they are not, `tooLarge`. */
  readonly downloadBlob: (reference: OciReference, download: BlobDownload) => Promise<string>;
  /** Sends a blob unless the registry has it. */
  readonly pushBlob: (reference: OciReference, blob: Blob, signal?: AbortSignal) => Promise<'sent' | 'known'>;
  /** Puts a manifest under the tag or the digest of the reference and gives its digest. */
  readonly pushManifest: (reference: OciReference, manifest: Uint8Array, signal?: AbortSignal) => Promise<string>;
  /** Asks a registry, by its host, whether it lets in; not what may be done in its repositories. */
  readonly checkAccess: (registry: string, signal?: AbortSignal) => Promise<void>;
  /** The tags of the repository as the registry sorts them. */
  readonly listTags: (reference: OciReference, signal?: AbortSignal) => Promise<readonly string[]>;
};

export type OciClientOptions = {
  readonly web: Pick<WebClient, 'request' | 'download'>;
  readonly credential?: SourceCredential | undefined;
  /** Whether a host (with its port) speaks no TLS. Default: those on this machine, which the address guard must allow. */
  readonly plainHttp?: (host: string) => boolean;
  /** A larger blob is pushed in pieces of this size. Default: 16 MiB. */
  readonly chunkBytes?: number;
};

const manifestBytes = 4 * 1024 * 1024;
const defaultChunkBytes = 16 * 1024 * 1024;
const accepted = Object.values(manifestTypes).join(', ');

export function createOciClient({
  web,
  credential,
  plainHttp = isLoopbackHost,
  chunkBytes = defaultChunkBytes,
}: OciClientOptions): OciClient {
  const authorizer = createAuthorizer({ web, credential, plainHttp });
  const session = createRegistrySession({ web, authorizer, plainHttp });
  return {
    resolve: (reference, signal) => resolve(session, reference, signal),
    readManifest: (reference, signal) => readManifest(session, reference, signal),
    downloadBlob: (reference, download) => downloadBlob(session, reference, download),
    pushBlob: (reference, blob, signal) =>
      uploadBlob({ session, access: accessTo(reference, 'push'), blob, chunkBytes, signal }),
    pushManifest: (reference, manifest, signal) => pushManifest(session, reference, { manifest, signal }),
    checkAccess: (registry, signal) => checkAccess(session, registry, signal),
    listTags: (reference, signal) => listTags(session, accessTo(reference, 'pull'), signal),
  };
}

function accessTo({ registry, repository }: OciReference, action: Access['action']): Access {
  return { registry, repository, action };
}

/** https://github.com/opencontainers/distribution-spec/blob/v1.1.1/spec.md#determining-support */
async function checkAccess(session: RegistrySession, registry: string, signal?: AbortSignal): Promise<void> {
  const access: Access = { registry, action: 'pull' };
  await session.request(access, session.urlOf(access, ''), { signal });
}

async function resolve(session: RegistrySession, reference: OciReference, signal?: AbortSignal): Promise<string> {
  const access = accessTo(reference, 'pull');
  const url = session.urlOf(access, `manifests/${tagOrDigest(reference)}`);
  const answer = await session
    .request(access, url, { method: 'HEAD', headers: { accept: accepted }, accept: [405], signal })
    .catch((error: unknown) => Promise.reject(named(error, reference)));
  const digest = answer.status === 405 ? undefined : statedDigest(answer);
  return digest ?? (await readManifest(session, reference, signal)).digest;
}

async function readManifest(
  session: RegistrySession,
  reference: OciReference,
  signal?: AbortSignal,
): Promise<ManifestDocument> {
  const access = accessTo(reference, 'pull');
  const answer = await session
    .request(access, session.urlOf(access, `manifests/${tagOrDigest(reference)}`), {
      headers: { accept: accepted },
      maximumBytes: manifestBytes,
      signal,
    })
    .catch((error: unknown) => Promise.reject(named(error, reference)));
  const digest = sha256Of(answer.body);
  const expected = reference.digest ?? statedDigest(answer) ?? digest;
  if (digest !== expected) throw otherContent(reference, `a manifest with the digest ${digest}`, expected);
  return { ...parseManifest(answer.body, formatOciReference(reference)), digest };
}

function statedDigest({ headers }: WebAnswer): string | undefined {
  const digest = headers['docker-content-digest'];
  return digest?.startsWith('sha256:') === true ? digest : undefined;
}

async function downloadBlob(
  session: RegistrySession,
  reference: OciReference,
  download: BlobDownload,
): Promise<string> {
  const { descriptor, into, signal } = download;
  if (descriptor.size > registryLimits.sourceBytes) throw tooLarge(reference, descriptor.size);
  const access = accessTo(reference, 'pull');
  const { file, bytes, digest } = await session.download(access, session.urlOf(access, `blobs/${descriptor.digest}`), {
    into,
    maximumBytes: registryLimits.sourceBytes,
    signal,
  });
  if (`sha256:${digest}` !== descriptor.digest || bytes !== descriptor.size) {
    throw otherContent(reference, `${bytes} bytes with the digest sha256:${digest}`, descriptor.digest);
  }
  return file;
}

type ManifestPush = { readonly manifest: Uint8Array; readonly signal: AbortSignal | undefined };

async function pushManifest(
  session: RegistrySession,
  reference: OciReference,
  { manifest, signal }: ManifestPush,
): Promise<string> {
  const digest = sha256Of(manifest);
  if (reference.digest !== undefined && reference.digest !== digest) {
    throw otherContent(reference, `a manifest with the digest ${digest}`, reference.digest);
  }
  const access = accessTo(reference, 'push');
  // With a digest beside it, the tag is what is wanted: the content's digest is what it is.
  const name = reference.tag ?? tagOrDigest(reference);
  const answer = await session.request(access, session.urlOf(access, `manifests/${name}`), {
    method: 'PUT',
    headers: { 'content-type': manifestTypes.image },
    body: manifest,
    signal,
  });
  const stated = statedDigest(answer) ?? digest;
  if (stated !== digest) throw otherContent(reference, `a manifest with the digest ${stated}`, digest);
  return digest;
}

/** Says which tag or digest it is that the registry does not have. */
function named(error: unknown, reference: OciReference): unknown {
  if (!(error instanceof SlipwayError) || error.code !== 'notFound') return error;
  const name = formatOciReference(reference);
  return new SlipwayError('notFound', error.message.replace(/^oci:\S*?(?=:\s)/, name), {
    ...(error.fix === undefined ? {} : { fix: error.fix }),
    details: error.details,
    cause: error,
  });
}

function otherContent(reference: OciReference, got: string, expected: string): SlipwayError {
  const message = `${formatOciReference(reference)}: got ${got}, but ${expected} is what was asked for`;
  return new SlipwayError('failed', message, {
    fix: 'Do not use it: the registry, or something on the way to it, has changed the content. Push it again.',
  });
}

function tooLarge(reference: OciReference, size: number): SlipwayError {
  return new SlipwayError(
    'tooLarge',
    `${formatOciReference(reference)} has ${size} bytes; at most ${registryLimits.sourceBytes} are accepted`,
    { fix: 'Split the model into smaller ones.' },
  );
}
