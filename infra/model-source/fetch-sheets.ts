import { readFile, stat } from 'node:fs/promises';
import { presentFields } from '../../domain/design/present-fields.ts';
import { registryLimits } from '../../domain/registry/limits.ts';
import type { SourceState } from '../../domain/registry/model-source.ts';
import { digestOf } from '../digest.ts';
import { authorizationHeaders } from './authorization.ts';
import { sheetCsvUrl } from './csv/sheet-url.ts';
import type { SourceRequest } from './source-request.ts';
import { sourceTree, type SourceTree } from './source-tree.ts';
import type { Downloaded, PreviousDownload, Unchanged, WebClient } from './web-client.ts';

export type FetchedSheets =
  | { readonly changed: false; readonly state?: SourceState }
  | { readonly changed: true; readonly state: SourceState; readonly tree: SourceTree };

type Sheet = { readonly path: string; readonly url: string };
type ReadSheet = Sheet & { readonly download: Downloaded };

/** Between what the servers of several sheets say of them; neither an entity tag nor a date holds a line break. */
const separator = '\n';

/** The sheets as files. They have not changed where each server says so, or where they have the same content. */
export async function fetchSheets(web: WebClient, request: SourceRequest<'csv'>): Promise<FetchedSheets> {
  const sheets = sheetsOf(request.source);
  const asked = await Promise.all(
    sheets.map((sheet, index) => download(web, request, { url: sheet.url, previous: previousOf(request, index) })),
  );
  if (asked.every(({ changed }) => !changed)) return { changed: false };
  const read = await Promise.all(
    sheets.map(async (sheet, index) => ({
      ...sheet,
      download: await whole(web, request, { ...sheet, asked: asked[index] }),
    })),
  );
  const state = stateOf(read);
  if (request.previous?.digest === state.digest) return { changed: false, state };
  return { changed: true, state, tree: await treeOf(read) };
}

function sheetsOf({ models, components, relationships }: SourceRequest<'csv'>['source']): readonly Sheet[] {
  const all = { 'models.csv': models, 'components.csv': components, 'relationships.csv': relationships };
  return Object.entries(all).flatMap(([path, url]) => (url === undefined ? [] : [{ path, url: sheetCsvUrl(url) }]));
}

function previousOf({ previous }: SourceRequest<'csv'>, index: number): PreviousDownload {
  const part = (text: string | undefined): string | undefined => text?.split(separator)[index] || undefined;
  return { etag: part(previous?.etag), lastModified: part(previous?.lastModified) };
}

function download(
  web: WebClient,
  { source, credential, scratch, signal }: SourceRequest<'csv'>,
  { url, previous }: { readonly url: string; readonly previous?: PreviousDownload },
): Promise<Downloaded | Unchanged> {
  // The connection was checked for the address of the first sheet.
  const isSameOrigin = new URL(url).origin === new URL(source.models).origin;
  return web.download(url, {
    into: scratch,
    maximumBytes: registryLimits.csvBytes,
    headers: isSameOrigin ? authorizationHeaders(credential) : {},
    previous,
    signal,
  });
}

/** A sheet that has not changed is needed all the same beside one that has. */
async function whole(
  web: WebClient,
  request: SourceRequest<'csv'>,
  { url, asked }: { readonly url: string; readonly asked: Downloaded | Unchanged | undefined },
): Promise<Downloaded> {
  if (asked?.changed === true) return asked;
  const again = await download(web, request, { url });
  if (!again.changed) throw new Error('a download without a previous one was not changed');
  return again;
}

function stateOf(sheets: readonly ReadSheet[]): SourceState {
  const joined = (value: (sheet: Downloaded) => string | undefined): string | undefined => {
    const parts = sheets.map((sheet) => value(sheet.download) ?? '');
    return parts.every((part) => part === '') ? undefined : parts.join(separator);
  };
  return {
    ...presentFields({ etag: joined(({ etag }) => etag), lastModified: joined(({ lastModified }) => lastModified) }),
    digest: digestOf(sheets.map((sheet) => [sheet.path, sheet.download.digest])),
  };
}

async function treeOf(sheets: readonly ReadSheet[]): Promise<SourceTree> {
  const files = await Promise.all(
    sheets.map(async (sheet) => ({
      path: sheet.path,
      file: sheet.download.file,
      size: (await stat(sheet.download.file)).size,
    })),
  );
  return sourceTree(files, ({ file }) => readFile(file));
}
