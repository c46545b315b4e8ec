import { Readable } from 'node:stream';
import { request as openRequest, type Dispatcher } from 'undici';
import { SlipwayError } from '../../domain/errors.ts';
import type { AddressGuard } from './address-guard.ts';
import { shownUrl } from '../../domain/shown-url.ts';
import { errorOfConnection, WebError } from './web-error.ts';

const maximumRedirects = 5;
const drainedBytes = 64 * 1024;

export type Hop = {
  readonly url: URL;
  readonly method: Dispatcher.HttpMethod;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined;
};

/** An answer whose body is still to be read or given up. */
export type OpenAnswer = {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Dispatcher.ResponseData['body'];
  readonly url: URL;
};

export type Exchanges = {
  readonly guard: AddressGuard;
  readonly dispatcher: Dispatcher;
  /** How long a server may take to begin its answer, and between two parts of it. */
  readonly idleMs: number;
};

/** Sends a request and follows its redirects, each checked as the first URL was. */
export async function openFollowing(exchanges: Exchanges, first: Hop, signal: AbortSignal): Promise<OpenAnswer> {
  let hop = first;
  for (let redirects = 0; redirects <= maximumRedirects; redirects += 1) {
    const answer = await open(exchanges, hop, signal);
    const location = locationOf(answer);
    if (location === undefined) return answer;
    await answer.body.dump({ limit: drainedBytes, signal });
    hop = nextHop(hop, answer.status, location);
  }
  throw refusedRedirect(first.url, `leads through more than ${maximumRedirects} redirects`);
}

async function open({ guard, dispatcher, idleMs }: Exchanges, hop: Hop, signal: AbortSignal): Promise<OpenAnswer> {
  guard.checkUrl(hop.url);
  if (hop.url.username !== '' || hop.url.password !== '') throw credentialsInUrl(hop.url);
  const { method, headers, body } = hop;
  try {
    const answer = await openRequest(hop.url, {
      dispatcher,
      method,
      headers,
      body: typeof body === 'function' ? Readable.from(body()) : (body ?? null),
      headersTimeout: idleMs,
      bodyTimeout: idleMs,
      signal,
    });
    return { status: answer.statusCode, headers: joined(answer.headers), body: answer.body, url: hop.url };
  } catch (error) {
    throw errorOfConnection(error, hop.url);
  }
}

/** Where an answer leads: https://www.rfc-editor.org/rfc/rfc9110#section-15.4 */
function locationOf({ status, headers }: OpenAnswer): string | undefined {
  return [301, 302, 303, 307, 308].includes(status) ? headers['location'] : undefined;
}

function nextHop(hop: Hop, status: number, location: string): Hop {
  const url = targetOf(hop.url, location);
  const headers = url.origin === hop.url.origin ? hop.headers : withoutCredentials(hop.headers);
  if (hop.method === 'GET' || hop.method === 'HEAD' || status > 303) return { ...hop, url, headers };
  if (status === 303) return { url, method: 'GET', headers: withoutBodyHeaders(headers) };
  throw refusedRedirect(hop.url, `redirects ${hop.method}, which is not repeated elsewhere`);
}

function targetOf(from: URL, location: string): URL {
  const url = URL.parse(location, from.href);
  if (url === null) throw refusedRedirect(from, 'redirects to what is not a URL');
  if (from.protocol === 'https:' && url.protocol === 'http:')
    throw refusedRedirect(from, `redirects from https to http on ${url.host}`);
  return url;
}

const harmlessHeaders =
  /^(accept|accept-encoding|user-agent|content-(type|length|range)|if-(none-match|modified-since))$/i;

/** What is left of the headers for another origin: none by which somebody could be known. */
function withoutCredentials(headers: Hop['headers']): Hop['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => harmlessHeaders.test(name)));
}

function withoutBodyHeaders(headers: Hop['headers']): Hop['headers'] {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !/^content-/i.test(name)));
}

function joined(headers: NodeJS.Dict<string | string[]>): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(headers).flatMap(([name, value]) =>
      value === undefined ? [] : [[name.toLowerCase(), typeof value === 'string' ? value : value.join(', ')]],
    ),
  );
}

function refusedRedirect(url: URL, what: string): WebError {
  return new WebError({
    code: 'failed',
    message: `${shownUrl(url)} ${what}`,
    fix: 'Give the address that it leads to in the end.',
  });
}

function credentialsInUrl(url: URL): SlipwayError {
  return new SlipwayError('invalid', `the URL ${shownUrl(url)} holds a user name or password`, {
    fix: 'Take it out of the URL and give it as the credential of a connection.',
  });
}
