import { designLimits } from '../../domain/design/limits.ts';
import type { Finding } from '../../domain/finding.ts';

/** The regular files of an archive by path, `/` between folders. */
export type ArchiveFiles = ReadonlyMap<string, Uint8Array>;

/** Something in an archive that Slipway refuses. */
export class ArchiveRefused extends Error {
  readonly finding: Finding;

  constructor(finding: Pick<Finding, 'code' | 'message' | 'fix'>) {
    super(finding.message);
    this.name = 'ArchiveRefused';
    this.finding = { severity: 'error', ...finding };
  }
}

/** Collects the entries of one archive, within the limits and with safe paths only. */
export function createArchiveFiles(packedBytes: number) {
  const files = new Map<string, Uint8Array>();
  const allowed = Math.min(
    designLimits.archiveBytes,
    Math.max(packedBytes * designLimits.archiveRatio, designLimits.archiveEntryBytes),
  );
  let entries = 0;
  let total = 0;
  return {
    files,
    /** Before its content is read, by the size that the archive states. */
    admit(path: string, size: number): void {
      entries += 1;
      total += size;
      checkPath(path);
      if (entries > designLimits.archiveEntries) throw tooMany();
      if (size > designLimits.archiveEntryBytes)
        throw tooLarge(`"${path}" has ${size} bytes; at most ${designLimits.archiveEntryBytes} are accepted.`);
      if (total > allowed) throw tooLarge(`The archive unpacks to more than ${allowed} bytes.`);
    },
    add(path: string, content: Uint8Array): void {
      files.set(normalised(path), content);
    },
  };
}

function checkPath(path: string): void {
  const parts = path.split(/[/\\]/);
  if (!/^([/\\]|[A-Za-z]:)/.test(path) && !parts.includes('..') && !path.includes('\0')) return;
  throw unsafePath(path);
}

/** A path that is absolute or leads out of the archive. */
export function unsafePath(path: string): ArchiveRefused {
  return new ArchiveRefused({
    code: 'archive.unsafePath',
    message: `The archive holds the path ${JSON.stringify(path)}, which leaves it.`,
    fix: 'Pack the files with relative paths.',
  });
}

function normalised(path: string): string {
  return path
    .split(/[/\\]/)
    .filter((part) => part !== '' && part !== '.')
    .join('/');
}

function tooMany(): ArchiveRefused {
  return new ArchiveRefused({
    code: 'archive.tooManyEntries',
    message: `The archive has more than ${designLimits.archiveEntries} entries.`,
    fix: 'Pack only what belongs to the design.',
  });
}

function tooLarge(message: string): ArchiveRefused {
  return new ArchiveRefused({ code: 'archive.tooLarge', message, fix: 'Pack only what belongs to the design.' });
}

/** A link or device in an archive. */
export function refusedEntry(path: string, type: string): ArchiveRefused {
  return new ArchiveRefused({
    code: 'archive.notAFile',
    message: `The archive holds ${JSON.stringify(path)}, which is a ${type}; only files and folders are accepted.`,
    fix: 'Pack the files themselves, for example with "tar --dereference".',
  });
}

/** An archive that cannot be read. */
export function brokenArchive(detail: string): ArchiveRefused {
  return new ArchiveRefused({
    code: 'archive.broken',
    message: `The archive cannot be read: ${detail.replace(/[.]?$/, '.')}`,
    fix: 'Pack it again.',
  });
}
