/** What a word in a phase, a state or a reason says about the object. */
export type WordMeaning = 'ready' | 'progressing' | 'failed' | 'suspended' | 'unknown';

const failedWords = setOf(
  'aborted backoff blocked broken cancelled canceled conflict corrupt corrupted crash crashed crashing critical',
  'degraded denied duplicate err error errored errors evicted exceeded expired fail failed failing failure fault',
  'faulted faulty forbidden inconclusive invalid killed lost misconfigured mismatch missing nonexistent offline',
  'orphaned red refused rejected stale stalled stuck terminal timedout timeout unauthorized unavailable undefined',
  'unhealthy unreachable unrecoverable unresponsive unschedulable unsupported violated violation warn warning wrong',
);
const suspendedWords = setOf(
  'disabled frozen halted hibernated hibernating hibernation inactive paused shutdown sleeping stopped suspended',
);
const readyWords = setOf(
  'accepted active admitted allocated applied approved assigned attached available bound clean complete completed',
  'compliant configured connected created current deployed detached done elected enabled ensured established exists',
  'finished finalized green healthy imported initialised initialized installed issued joined latest listening live',
  'loaded normal ok online operational passed primary programmed promoted provisioned published ready reconciled',
  'registered resolved restored running satisfied serving stable started streaming succeeded success successful',
  'successfully sync synced synchronized true up updated uptodate valid verified working',
);
const progressingWords = setOf(
  'await begin bootstrap delayed downgrade init inprogress new partial partially prepare progress queued requested',
  'rerun retry rollout scheduled setup start startup submitted terminated transient transition unassigned unbound',
  'undeployed uninitialized uninstalled unprovisioned unready unsynced upgrade wait yellow',
);
const negations = setOf('no non not never without out');

/** Phases whose words taken one by one would mislead. */
const phrases: ReadonlyMap<string, WordMeaning> = new Map([
  ['installready', 'progressing'],
  ['runningworkflow', 'progressing'],
]);

/** `CamelCase`, `snake_case`, `kebab-case` and plain sentences as lower-case words. */
export function wordsOf(text: string): readonly string[] {
  return text
    .replace(/BackOff|TimeOut|TimedOut/g, (compound) => ` ${compound.toLowerCase()} `)
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/([A-Z]+)([A-Z][a-z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z\d]+/)
    .filter((word) => word !== '');
}

/**
 * The meaning of a phase or state such as `Provisioning`, `HEALTH_OK`, `NonCompliant` or `Cluster in healthy state`.
 * Trouble outweighs pause, pause outweighs movement, movement outweighs success; undefined for words nobody knows.
 */
export function meaningOf(text: string): WordMeaning | undefined {
  const phrase = phrases.get(text.toLowerCase());
  if (phrase !== undefined) return phrase;
  const words = wordsOf(text);
  const some = (set: ReadonlySet<string>): boolean => words.some((word) => set.has(word));
  const troubled = some(failedWords);
  const negated = some(readyWords) && some(negations);
  const readings: readonly (readonly [holds: boolean, meaning: WordMeaning])[] = [
    [troubled && words[0] === 'no', 'ready'],
    [troubled, 'failed'],
    [some(suspendedWords), 'suspended'],
    [words.includes('unknown'), 'unknown'],
    [negated && words.includes('compliant'), 'failed'],
    [negated || some(progressingWords) || words.some(isMovement), 'progressing'],
    [some(readyWords), 'ready'],
  ];
  return readings.find(([holds]) => holds)?.[1];
}

/** `creating`, `updating`, `pending`, …: what is in motion ends in -ing, but for words of lasting success. */
function isMovement(word: string): boolean {
  return word.length > 4 && word.endsWith('ing') && !readyWords.has(word);
}

function setOf(...lines: readonly string[]): ReadonlySet<string> {
  return new Set(lines.flatMap((line) => line.split(' ')));
}
