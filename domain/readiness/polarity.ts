import { wordsOf } from './words.ts';

/**
 * What `True` means for a condition type:
 * summary  - the object as a whole is fine; every summary has to be True
 * part     - one part of it is fine; counts where no condition sums the parts up
 * trouble  - something is wrong
 * movement - work is under way
 * pause    - somebody has stopped it
 */
export type Polarity = 'summary' | 'part' | 'trouble' | 'movement' | 'pause';

const wholeTypes: ReadonlyMap<string, Polarity> = new Map([
  ...each('summary', 'Accepted Available Compliant Established Healthy Installed Programmed Ready ResolvedRefs'),
  ...each('summary', 'Succeeded Synced'),
  ...each('pause', 'Paused Suspended'),
]);

const endings: ReadonlyMap<string, Polarity> = new Map([
  ...each('part', 'accepted active admitted applied attached available bound complete completed compliant configured'),
  ...each('part', 'connected created deployed enabled established finished generated healthy initialized installed'),
  ...each('part', 'joined met offered online operational passed programmed provided provisioned ready reachable'),
  ...each('part', 'reconciled registered resolved running satisfied scheduled succeeded succeeding success successful'),
  ...each('part', 'synced synchronized updated uptodate valid validated verified'),
  ...each('trouble', 'conflict conflicted crashed degraded denied error errors failed failing failure invalid'),
  ...each('trouble', 'misconfigured missing pressure refused rejected stalled terminal unavailable unhealthy'),
  ...each('trouble', 'unreachable unsupported violation'),
  ...each('movement', 'creating deleting deploying initializing installing issuing migrating pending processing'),
  ...each('movement', 'progressing provisioning reconciling recovering resizing restarting rolling rotating scaling'),
  ...each('movement', 'terminating unpacking updating upgrading'),
]);

const troubleBeginnings = new Set(['error', 'failed', 'invalid']);
/** `ScalingUp` and `RollingOut` are movements too. */
const directions = new Set(['up', 'down', 'out', 'in']);

/** The polarity of a condition type, by its name; undefined for a type that says nothing about readiness. */
export function polarityOf(qualifiedType: string): Polarity | undefined {
  const type = shortType(qualifiedType);
  const words = wordsOf(type);
  const negative = words.includes('not') || troubleBeginnings.has(words[0] ?? '');
  return wholeTypes.get(type) ?? (negative ? 'trouble' : endings.get(endingOf(type, words)));
}

/** `ACK.ResourceSynced` and `example.com/Ready` are read as their last part. */
export function shortType(type: string): string {
  return type.split(/[./]/).at(-1) ?? type;
}

function endingOf(type: string, words: readonly string[]): string {
  if (type.endsWith('UpToDate')) return 'uptodate';
  const last = words.at(-1) ?? '';
  return directions.has(last) ? (words.at(-2) ?? '') : last;
}

function each(polarity: Polarity, names: string): readonly (readonly [string, Polarity])[] {
  return names.split(' ').map((name) => [name, polarity] as const);
}
