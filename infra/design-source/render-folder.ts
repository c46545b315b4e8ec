import { posix } from 'node:path';
import type { ConversionOptions, ConvertedDesign, RenderedFormat } from '../../domain/design/convert-documents.ts';
import { limitFindings } from '../../domain/design/limit-findings.ts';
import type { Finding } from '../../domain/finding.ts';
import type { ArchiveFiles } from './archive-files.ts';
import { checkCompose } from './compose-file.ts';
import { decodeText } from './decode-text.ts';
import { findProgram, type ProgramSource } from './find-program.ts';
import { checkKustomization, folderDepth, kustomizationFolders } from './kustomization.ts';
import { programFailed, programMissing, withoutQuotes } from './program-findings.ts';
import { readTextsSafely } from './read-large-text.ts';
import { runProgram } from './run-program.ts';
import { readYaml } from './yaml-documents.ts';

/** The programs that convert what Slipway does not read itself. */
export type DesignPrograms = { readonly kustomize?: ProgramSource; readonly kompose?: ProgramSource };

/** A folder that a program turns into manifests, and where in it the program begins. */
export type RenderedFolder = { readonly format: RenderedFormat; readonly files: ArchiveFiles; readonly path: string };

type Conversion = {
  readonly program: 'kustomize' | 'kompose';
  readonly what: string;
  readonly check: (folder: RenderedFolder) => readonly Finding[];
  readonly arguments: (path: string) => readonly string[];
};

const conversions: Readonly<Record<RenderedFormat, Conversion>> = {
  kustomize: {
    program: 'kustomize',
    what: 'A Kustomize folder',
    check: checkKustomizeFolder,
    arguments: (path) => ['build', '--load-restrictor', 'LoadRestrictionsRootOnly', '--', path],
  },
  compose: {
    program: 'kompose',
    what: 'A Compose file',
    check: checkComposeFolder,
    arguments: (path) => ['convert', '--stdout', '--with-kompose-annotation=false', '--file', path],
  },
};

/** The design in a folder that a program renders, when nothing in it leads out of the folder. */
export async function renderFolder(
  folder: RenderedFolder,
  options: ConversionOptions,
  programs: DesignPrograms,
): Promise<ConvertedDesign> {
  const { format } = folder;
  const conversion = conversions[format];
  const refused = conversion.check(folder);
  if (refused.length > 0) return { format, findings: limitFindings(refused) };
  const program = await findProgram(programs[conversion.program]);
  if (program === undefined) return { format, findings: [programMissing(conversion.program, conversion.what)] };
  const outcome = await runProgram({ program, arguments: conversion.arguments(folder.path), files: folder.files });
  if (!outcome.succeeded) return { format, findings: [programFailed(`${format}.failed`, conversion.program, outcome)] };
  const rendered = await readTextsSafely([{ bytes: outcome.output }], {
    fallbackName: options.fallbackName,
    format: 'manifests',
    withoutPlaces: true,
  });
  return {
    ...rendered,
    format,
    findings: limitFindings([...programWarnings(format, outcome.messages), ...rendered.findings]),
  };
}

function checkKustomizeFolder({ files, path }: RenderedFolder): readonly Finding[] {
  const folders = kustomizationFolders(files);
  const [outermost = '.'] = folders;
  const outer = folders.filter((folder) => folderDepth(folder) === folderDepth(outermost));
  if (outer.length > 1) return [severalKustomizations(outer)];
  return checkKustomization(files, path);
}

function severalKustomizations(folders: readonly string[]): Finding {
  return {
    severity: 'error',
    code: 'kustomize.ambiguous',
    message: `The archive holds several kustomizations and none above them: ${folders.slice(0, 10).join(', ')}.`,
    fix: 'Add a kustomization.yaml at the top that names the one to use under resources.',
  };
}

function checkComposeFolder({ files, path }: RenderedFolder): readonly Finding[] {
  const decoded = decodeText(files.get(path) ?? new Uint8Array(), path);
  if ('finding' in decoded) return [decoded.finding];
  const { documents, findings } = readYaml({ text: decoded.text, file: path });
  return [...findings, ...documents.flatMap((document) => checkCompose(document, files, posix.dirname(path)))];
}

/** What the program could not carry over, one finding a line of its log. */
function programWarnings(format: RenderedFormat, messages: string): readonly Finding[] {
  return messages
    .split('\n')
    .map((line) => /^(?:WARN\S*|Warning:|# Warning:)\s*(.+)$/i.exec(line.trim())?.[1])
    .flatMap((text) =>
      text === undefined
        ? []
        : [
            {
              severity: 'warning' as const,
              code: `${format}.warning`,
              message: withoutQuotes(text).replace(/[.]?$/, '.'),
            },
          ],
    );
}
