import type { Scratch } from './scratch.ts';

/** What the last download of the same URL said of itself. */
export type PreviousDownload = { readonly etag?: string | undefined; readonly lastModified?: string | undefined };

export type DownloadRequest = {
  readonly into: Scratch;
  readonly maximumBytes: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly previous?: PreviousDownload | undefined;
  readonly signal?: AbortSignal | undefined;
};

export type Downloaded = {
  readonly changed: true;
  /** Where the body is kept, in the scratch folder. */
  readonly file: string;
  readonly bytes: number;
  /** SHA-256 in hex. */
  readonly digest: string;
  readonly etag: string | undefined;
  readonly lastModified: string | undefined;
  /** Where it came from in the end, after redirects. */
  readonly url: string;
  /** Without parameters, in lower case. */
  readonly mediaType: string | undefined;
};

export type Unchanged = { readonly changed: false };

export type WebRequest = {
  /** Default: GET. */
  readonly method?: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers?: Readonly<Record<string, string>>;
  /** A function gives the body again for each try; then `content-length` should be among the headers. */
  readonly body?: string | Uint8Array | (() => AsyncIterable<Uint8Array>);
  /** Statuses from 400 that are an answer and not an error, such as 401 with its challenge. */
  readonly accept?: readonly number[];
  /** Of the answer's body; default 4 MiB. */
  readonly maximumBytes?: number;
  /** Whether doing it twice does no harm. Default: true but for POST and PATCH. */
  readonly repeatable?: boolean;
  readonly signal?: AbortSignal | undefined;
};

export type WebAnswer = {
  readonly status: number;
  /** Names in lower case; several of one name are joined by ", ". */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array;
  /** Where it came from in the end, after redirects. */
  readonly url: string;
};

/**
 * Requests to other people's servers: guarded, redirected by hand, retried, limited in size. Failures are SlipwayErrors whose
 * `details.status` is the HTTP status where there is one; no secret of a URL or header is in their messages.
 */
export type WebClient = {
  /** A body as a file, however large, or that it has not changed (304). */
  readonly download: (url: string, request: DownloadRequest) => Promise<Downloaded | Unchanged>;
  /** A small body. A redirect is followed where the method allows it; statuses from 400 that are not accepted are errors. */
  readonly request: (url: string, request?: WebRequest) => Promise<WebAnswer>;
  readonly close: () => Promise<void>;
};
