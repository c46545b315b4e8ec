import { z } from 'zod';
import { SlipwayError } from '../../../domain/errors.ts';
import type { SourceCredential } from '../../../domain/source-connection.ts';
import type { WebClient } from '../web-client.ts';
import { parseChallenges, type Challenge } from './challenge.ts';
import { jsonBody } from './json-body.ts';

/** What is to be done, and in which repository; without one, in none of them. */
export type Access = {
  readonly registry: string;
  readonly repository?: string;
  readonly action: 'pull' | 'push';
};

export type Authorizer = {
  /** The `Authorization` that served for this access before. */
  readonly known: (access: Access) => string | undefined;
  /**
   * Answers the challenge of a 401 with a new `Authorization`. Throws SlipwayError `unauthenticated` when there is no credential for it
   * or it is refused.
   */
  readonly answer: (access: Access, challenge: string, signal?: AbortSignal) => Promise<string>;
  /** The error of an answer that did not help. */
  readonly refused: (access: Access) => SlipwayError;
};

export type AuthorizerOptions = {
  readonly web: Pick<WebClient, 'request'>;
  readonly credential: SourceCredential | undefined;
  /** Whether a host may be spoken to without TLS; a password is sent to no other host that way. */
  readonly plainHttp: (host: string) => boolean;
};

const tokenBytes = 256 * 1024;
const refusals = [400, 401, 403, 404, 405];

const tokenAnswer = z
  .object({ token: z.string().optional(), access_token: z.string().optional() })
  .transform(({ token, access_token: accessToken }) => token ?? accessToken)
  .pipe(z.string().min(1));

/**
 * Gets in at registries: by Basic, or by a token of the server that the registry names.
 * https://distribution.github.io/distribution/spec/auth/token/
 */
export function createAuthorizer(options: AuthorizerOptions): Authorizer {
  const headers = new Map<string, string>();
  return {
    known: (access) => headers.get(keyOf(access)),
    answer: async (access, header, signal) => {
      const challenges = parseChallenges(header);
      const bearer = challenges.find(
        ({ scheme, parameters }) => scheme === 'bearer' && parameters['realm'] !== undefined,
      );
      const answer =
        directAnswer(options.credential, challenges) ??
        (bearer === undefined ? undefined : `Bearer ${await fetchToken(options, { access, bearer, signal })}`);
      if (answer === undefined || answer === headers.get(keyOf(access))) throw notLetIn(access, options.credential);
      headers.set(keyOf(access), answer);
      return answer;
    },
    refused: (access) => notLetIn(access, options.credential),
  };
}

function keyOf({ registry, repository, action }: Access): string {
  return `${registry}/${repository} ${action}`;
}

/** What is sent without asking anybody: a token as it is, a name and a password where the registry itself takes them. */
function directAnswer(credential: SourceCredential | undefined, challenges: readonly Challenge[]): string | undefined {
  if (credential === undefined) return undefined;
  if ('token' in credential) return `Bearer ${credential.token}`;
  const schemes = challenges.map(({ scheme }) => scheme);
  return schemes.includes('basic') && !schemes.includes('bearer') ? basic(credential) : undefined;
}

function basic(credential: SourceCredential | undefined): string | undefined {
  if (credential === undefined || !('password' in credential)) return undefined;
  return `Basic ${Buffer.from(`${credential.username}:${credential.password}`).toString('base64')}`;
}

type TokenRequest = {
  readonly access: Access;
  readonly bearer: Challenge;
  readonly signal: AbortSignal | undefined;
};

async function fetchToken(options: AuthorizerOptions, { access, bearer, signal }: TokenRequest): Promise<string> {
  const url = tokenUrl(options, access, bearer.parameters);
  const authorization = basic(options.credential);
  const answer = await options.web.request(url.href, {
    headers: { accept: 'application/json', ...(authorization === undefined ? {} : { authorization }) },
    accept: refusals,
    maximumBytes: tokenBytes,
    signal,
  });
  if (answer.status >= 400) throw notLetIn(access, options.credential);
  const token = tokenAnswer.safeParse(jsonBody(answer.body));
  if (!token.success) throw badTokenServer(access, `${url.host} answers no token`);
  return token.data;
}

function tokenUrl(
  { plainHttp }: AuthorizerOptions,
  access: Access,
  { realm = '', service, scope }: Challenge['parameters'],
): URL {
  const url = URL.parse(realm);
  if (url === null) throw badTokenServer(access, 'its token server has no valid address');
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && plainHttp(url.host))) {
    throw badTokenServer(access, `its token server ${url.host} is not reached by https`);
  }
  if (service !== undefined) url.searchParams.set('service', service);
  for (const wanted of scope?.split(' ') ?? scopesOf(access)) url.searchParams.append('scope', wanted);
  return url;
}

function scopesOf({ repository, action }: Access): readonly string[] {
  return repository === undefined ? [] : [`repository:${repository}:${action === 'push' ? 'pull,push' : 'pull'}`];
}

function badTokenServer({ registry }: Access, problem: string): SlipwayError {
  return new SlipwayError('failed', `the registry ${registry} cannot be used: ${problem}`, {
    fix: 'Tell the operator of the registry; the address is in its WWW-Authenticate header.',
  });
}

function notLetIn({ registry, repository }: Access, credential: SourceCredential | undefined): SlipwayError {
  const hasCredential = credential !== undefined && ('password' in credential || 'token' in credential);
  return hasCredential
    ? new SlipwayError(
        'unauthenticated',
        `the registry ${registry} refuses the credential${repository === undefined ? '' : ` for ${repository}`}`,
        {
          fix: 'Give the connection a name and a password, or a token, that the registry accepts.',
          details: { status: 401 },
        },
      )
    : new SlipwayError('unauthenticated', `the registry ${registry} asks who wants ${repository ?? 'in'}`, {
        fix: 'Make a connection of kind oci with a name and a password, or a token, and name it with the source.',
        details: { status: 401 },
      });
}
