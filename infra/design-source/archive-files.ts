import { SlipwayError } from '../../domain/errors.ts';
import type { Finding } from '../../domain/finding.ts';

/** The regular files of an archive by path, `/` between folders. */
export type ArchiveFiles = ReadonlyMap<string, Uint8Array>;

/** How large an archive may be, packed and unpacked. */
export type ArchiveLimits = {
  /** Of the archive as it is given. */
  readonly sourceBytes: number;
  readonly archiveEntries: number;
  /** The setting by which more entries are accepted, where there is one. */
  readonly archiveEntriesSetting?: string;
  readonly archiveEntryBytes: number;
  readonly archiveBytes: number;
  /** Unpacked bytes for each packed one. */
  readonly archiveRatio: number;
  /** Of an archive in an archive. */
  readonly archiveDepth: number;
};

/** Something in an archive that Slipway refuses: SlipwayError `invalid` with one finding. */
export class ArchiveRefused extends SlipwayError {
  readonly finding: Finding;

  constructor(given: Pick<Finding, 'code' | 'message' | 'fix' | 'file'>) {
    const finding: Finding = { severity: 'error', ...given };
    super('invalid', finding.message, {
      findings: [finding],
      ...(finding.fix === undefined ? {} : { fix: finding.fix }),
    });
    this.name = 'ArchiveRefused';
    this.finding = finding;
  }
}

export type ArchiveAdmission = {
  /** What all entries together may have unpacked. */
  readonly allowedBytes: number;
  /** The path of an entry as Slipway writes it, before its content is read, by the size that the archive states. Throws ArchiveRefused. */
  readonly admit: (path: string, size: number) => string;
};

/** Lets the entries of an archive pass while they are within the limits and their paths are safe. */
export function createAdmission(packedBytes: number, limits: ArchiveLimits): ArchiveAdmission {
  const allowedBytes = Math.min(
    limits.archiveBytes,
    Math.max(packedBytes * limits.archiveRatio, limits.archiveEntryBytes),
  );
  let entries = 0;
  let total = 0;
  const admit = (path: string, size: number): string => {
    entries += 1;
    total += size;
    checkPath(path);
    if (entries > limits.archiveEntries) throw tooMany(limits);
    if (size > limits.archiveEntryBytes)
      throw tooLarge(`"${path}" has ${size} bytes; at most ${limits.archiveEntryBytes} are accepted.`);
    if (total > allowedBytes) throw tooLarge(`The archive unpacks to more than ${allowedBytes} bytes.`);
    return normalised(path);
  };
  return { allowedBytes, admit };
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

const packLess = 'Pack only what belongs to it.';

function tooMany({ archiveEntries, archiveEntriesSetting: setting }: ArchiveLimits): ArchiveRefused {
  return new ArchiveRefused({
    code: 'archive.tooManyEntries',
    message: `The archive has more than ${archiveEntries} entries.`,
    fix: setting === undefined ? packLess : packLess.replace('.', `, or set ${setting} to a higher number.`),
  });
}

/** An archive that is or unpacks to more than is accepted. */
export function tooLarge(message: string): ArchiveRefused {
  return new ArchiveRefused({ code: 'archive.tooLarge', message, fix: packLess });
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
