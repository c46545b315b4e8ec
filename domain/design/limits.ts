/** How large a design may be. Beyond these a design is refused with a finding that names the limit. */
export const designLimits = {
  /** Of the text, or of an archive as it is uploaded. */
  sourceBytes: 16 * 1024 * 1024,
  /** Words, signs and line ends of one YAML text. */
  tokens: 3_000_000,
  documents: 20_000,
  components: 10_000,
  /** Mappings and lists inside each other. */
  depth: 100,
  /** Values in all documents together once every alias is written out. */
  values: 2_000_000,
  /** What the default etcd accepts for one object. */
  objectBytes: 1_500_000,
  /** Findings that one reading gives; more say only how many there are. */
  findings: 200,
  archiveEntries: 2_000,
  archiveEntryBytes: 5 * 1024 * 1024,
  archiveBytes: 64 * 1024 * 1024,
  /** Unpacked bytes for each packed one. */
  archiveRatio: 200,
  /** Of an archive in an archive. */
  archiveDepth: 2,
} as const;
