/** How large a source of models may be. Beyond these it is refused with a finding that names the limit. */
export const registryLimits = {
  /** Of an archive as it is downloaded or uploaded. */
  sourceBytes: 256 * 1024 * 1024,
  /** Files and folders in one archive, those of archives in it included. */
  archiveEntries: 5_000,
  archiveEntriesSetting: 'SLIPWAY_ARCHIVE_ENTRIES',
  archiveEntryBytes: 16 * 1024 * 1024,
  /** Unpacked, archives in it included. */
  archiveBytes: 512 * 1024 * 1024,
  /** Unpacked bytes for each packed one. */
  archiveRatio: 200,
  /** Of an archive in an archive. */
  archiveDepth: 3,
  /** Of one file that is no archive, and of a file in a folder. */
  fileBytes: 64 * 1024 * 1024,
  /** Files in a folder, such as a working copy of a Git repository. */
  folderFiles: 50_000,
  /** Of the `index.yaml` of a chart repository. */
  chartIndexBytes: 64 * 1024 * 1024,
  /** What a chart or a folder may render to. */
  renderedBytes: 64 * 1024 * 1024,
  /** That rendering one chart may take. */
  templateSeconds: 30,
  csvBytes: 64 * 1024 * 1024,
  csvRows: 200_000,
  /** Findings that one reading gives; more say only how many there are. */
  findings: 200,
} as const;
