import { SlipwayError } from '../../../domain/errors.ts';

/** What a reference points at: a repository of a registry and, in it, a tag or a digest. */
export type OciReference = {
  /** Host, with the port where one is named. */
  readonly registry: string;
  readonly repository: string;
  readonly tag?: string;
  /** `sha256:` and 64 hex digits. Where there is a tag too, the digest decides. */
  readonly digest?: string;
};

const structure = /^oci:\/\/([^/@]+)\/([^:@]+)(?::([^:@]*))?(?:@(.*))?$/;
const repositoryLength = 255;
const label = '[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?';
const hostPattern = new RegExp(`^(?:${label}(?:\\.${label})*|\\[[0-9a-fA-F:.]+\\])(?::[0-9]{1,5})?$`);
const componentPattern = /^[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*$/;
const tagPattern = /^\w[\w.-]{0,127}$/;
const digestPattern = /^sha256:[0-9a-f]{64}$/;

/**
 * Reads `oci://host[:port]/name[:tag][@sha256:…]`. Throws SlipwayError `invalid` that names the bad part.
 * Grammar: https://pkg.go.dev/github.com/distribution/reference
 */
export function parseOciReference(text: string): OciReference {
  const parts = partsOf(text);
  if (parts === undefined)
    throw invalid(text, 'it is not made of "oci://", a host, "/", a name, and a tag or a digest');
  const { registry, repository, tag, digest } = parts;
  const problem = hostProblem(registry) ?? repositoryProblem(repository) ?? tagProblem(tag) ?? digestProblem(digest);
  if (problem !== undefined) throw invalid(text, problem);
  return {
    registry: registry.toLowerCase(),
    repository,
    ...(tag === undefined ? {} : { tag }),
    ...(digest === undefined ? {} : { digest }),
  };
}

function partsOf(text: string) {
  const [, registry, repository, tag, digest] = structure.exec(text) ?? [];
  return registry === undefined || repository === undefined ? undefined : { registry, repository, tag, digest };
}

/** The text that gives this reference. */
export function formatOciReference({ registry, repository, tag, digest }: OciReference): string {
  return `oci://${registry}/${repository}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`;
}

/** What a registry is asked for: the digest, else the tag, else the tag `latest`. */
export function tagOrDigest({ tag, digest }: OciReference): string {
  return digest ?? tag ?? 'latest';
}

/** The tag under which a version is kept: a tag cannot hold "+", and Helm writes "_" for it. */
export function tagOfVersion(version: string): string {
  return version.replaceAll('+', '_');
}

function hostProblem(host: string): string | undefined {
  return hostPattern.test(host) ? undefined : `${JSON.stringify(host)} is no host of a registry`;
}

function repositoryProblem(repository: string): string | undefined {
  if (repository.length > repositoryLength) {
    return `the name of the repository is longer than ${repositoryLength} characters`;
  }
  const bad = repository.split('/').find((component) => !componentPattern.test(component));
  const rule = 'lower-case letters and digits, with single ".", "_", "__" or "-" between them';
  return bad === undefined ? undefined : `${JSON.stringify(bad)} in the name of the repository is not made of ${rule}`;
}

function tagProblem(tag: string | undefined): string | undefined {
  if (tag === undefined || tagPattern.test(tag)) return undefined;
  return `${JSON.stringify(tag)} is no tag: up to 128 letters, digits, "_", "." and "-", not "." or "-" first`;
}

function digestProblem(digest: string | undefined): string | undefined {
  if (digest === undefined || digestPattern.test(digest)) return undefined;
  return `${JSON.stringify(digest)} is no digest: "sha256:" and 64 hex digits in lower case`;
}

function invalid(text: string, problem: string): SlipwayError {
  // What stands before an "@" may be a password.
  const shown = /^oci:\/\/[^/]*@/.test(text) ? text.replace(/^oci:\/\/[^/]*@/, 'oci://…@') : text;
  return new SlipwayError(
    'invalid',
    `the OCI reference ${JSON.stringify(shown.slice(0, 300))} cannot be read: ${problem}`,
    {
      fix: 'Write it as oci://registry.example.com/team/model:1.0.0 or with @sha256:… instead of the tag.',
    },
  );
}
