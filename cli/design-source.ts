import { isUtf8 } from 'node:buffer';
import { readdir, readFile, stat } from 'node:fs/promises';
import { basename, dirname, extname, join, parse, resolve } from 'node:path';
import { create } from 'tar';
import { SlipwayError } from '../domain/errors.ts';
import type { Finding } from '../domain/finding.ts';
import { readAll } from './shell.ts';
import type { Shell } from './shell.ts';

const manifestExtensions = new Set(['.yaml', '.yml', '.json']);
/** What the server takes. */
const longestFileName = 255;
const kustomizationNames = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'];

/** A design as it is sent: its bytes, the file that they are of, and where its lines came from. */
export type DesignSource = {
  /** Named in what the server finds and keeps; a design without a name gets its own from it. None for stdin. */
  readonly fileName: string | undefined;
  readonly content: { readonly type: string; readonly body: Uint8Array<ArrayBuffer> };
  /** Finding with the file of the user, and the line in that file. */
  readonly locate: (finding: Finding) => Finding;
};

type SourcePart = { readonly file: string; readonly text: string };

/** Reads `-f FILE` (text or an archive), `-f FOLDER` (Kustomize, or a folder of manifests) or `-f -`. Throws `invalid` when there is nothing to read. */
export async function readDesignSource(shell: Shell, place: string): Promise<DesignSource> {
  if (place === '-') {
    return fileSource(undefined, 'stdin', await readAll(shell.stdin));
  }
  const found = await stat(place).catch((error: unknown) => {
    throw new SlipwayError('invalid', `cannot read ${place}`, { cause: error, fix: '-f FILE, -f FOLDER or -f -' });
  });
  if (!found.isDirectory()) {
    return fileSource(fileNameOf(place), place, await readFile(place));
  }
  const names = await readdir(place);
  return names.some((name) => kustomizationNames.includes(name)) ? archive(place) : manifestFolder(place, names);
}

/** The file as it was given; where that does not tell whose `design.yaml` it is, with its folder, and only its end where it is long. */
function fileNameOf(place: string): string {
  const file = resolve(place);
  const isFolderNamed = !['.', '..', ''].includes(basename(dirname(place)));
  const given = isFolderNamed || parse(file).name !== 'design' ? place : join(basename(dirname(file)), basename(file));
  return given.length > longestFileName ? basename(file).slice(-longestFileName) : given;
}

async function manifestFolder(folder: string, names: readonly string[]): Promise<DesignSource> {
  const files = names.filter((name) => manifestExtensions.has(extname(name))).toSorted();
  if (files.length === 0) {
    throw new SlipwayError('invalid', `${folder} has no kustomization.yaml and no YAML or JSON file`, {
      fix: '-f FOLDER takes the files right in the folder, not those of folders in it',
    });
  }
  const parts = await Promise.all(
    files.map(async (name) => ({ file: join(folder, name), text: await readFile(join(folder, name), 'utf8') })),
  );
  return textSource(basename(resolve(folder)), parts);
}

/** Text in UTF-8 goes as such; what else it is, such as an archive or UTF-16, the server tells by its bytes. */
function fileSource(fileName: string | undefined, file: string, bytes: Buffer): DesignSource {
  if (isUtf8(bytes) && !bytes.includes(0)) return textSource(fileName, [{ file, text: bytes.toString('utf8') }]);
  return {
    fileName,
    content: { type: 'application/octet-stream', body: new Uint8Array(bytes) },
    locate: (finding) => {
      const isInside = finding.file !== undefined && finding.file !== fileName;
      return { ...finding, file: isInside ? `${file}: ${finding.file}` : file };
    },
  };
}

/** Several files become one stream of YAML documents; findings are told by the line in their own file. */
function textSource(fileName: string | undefined, parts: readonly SourcePart[]): DesignSource {
  if (parts.every(({ text }) => text.trim() === '')) {
    throw new SlipwayError('invalid', `there is nothing in ${parts.map(({ file }) => file).join(', ')}`, {
      fix: 'give a design or manifests; in a pipe, see whether the command before failed',
    });
  }
  const sections = parts.map((part, index) => ({
    file: part.file,
    text: index === 0 ? part.text : `---\n${part.text}`,
    separatorLines: index === 0 ? 0 : 1,
  }));
  const joined = sections.map(({ text }) => (text.endsWith('\n') ? text : `${text}\n`));
  const placeOf = (line: number): Place => locateLine(line, sections, joined);
  return {
    fileName,
    content: { type: 'application/yaml', body: new Uint8Array(Buffer.from(joined.join(''))) },
    locate: (finding) => ({
      ...finding,
      ...placeIn(finding, sections, placeOf),
      message: fileName === undefined ? finding.message : replacePlaces(finding.message, fileName, placeOf),
    }),
  };
}

type Section = { readonly file: string; readonly separatorLines: number };
type Place = { readonly file: string; readonly line: number };

function placeIn({ line }: Finding, sections: readonly Section[], placeOf: (line: number) => Place): Partial<Place> {
  if (line !== undefined) return placeOf(line);
  const [only, ...others] = sections;
  return only === undefined || others.length > 0 ? {} : { file: only.file };
}

/** A message that names another place, as `here and at shop:12`, with the file of the user and the line in it. */
function replacePlaces(message: string, fileName: string, placeOf: (line: number) => Place): string {
  const [before = '', ...rest] = message.split(` at ${fileName}:`);
  const located = rest.map((text) => {
    const [digits = ''] = /^\d*/.exec(text) ?? [];
    if (digits === '') return ` at ${fileName}:${text}`;
    const { file, line } = placeOf(Number(digits));
    return ` at ${file}:${line}${text.slice(digits.length)}`;
  });
  return [before, ...located].join('');
}

function locateLine(line: number, sections: readonly Section[], texts: readonly string[]): Place {
  let before = 0;
  for (const [index, { file, separatorLines }] of sections.entries()) {
    const lines = (texts[index]?.split('\n').length ?? 1) - 1;
    if (line <= before + lines || index === sections.length - 1) {
      return { file, line: Math.max(1, line - before - separatorLines) };
    }
    before += lines;
  }
  return { file: '', line };
}

async function archive(folder: string): Promise<DesignSource> {
  const chunks: Buffer[] = [];
  const packed = create({ gzip: true, cwd: folder, portable: true, filter: (path) => !path.includes('/.git/') }, ['.']);
  for await (const chunk of packed) chunks.push(Buffer.from(chunk));
  const fileName = basename(resolve(folder));
  return {
    fileName,
    content: { type: 'application/gzip', body: new Uint8Array(Buffer.concat(chunks)) },
    locate: (finding) => {
      if (finding.file === undefined) return finding;
      return { ...finding, file: finding.file === fileName ? folder : join(folder, finding.file) };
    },
  };
}
