import type { OperationKind, OperationPhase, OperationState, StepState, StuckChoice } from '../../domain/operation.ts';
import type { Colour } from '../output/style.ts';

export type Glyph = { readonly text: string; readonly colour: Colour };

const glyphs = {
  done: { text: '✔', colour: 'green' },
  active: { text: '●', colour: 'cyan' },
  waiting: { text: '○', colour: 'gray' },
  failed: { text: '✗', colour: 'red' },
  blocked: { text: '⊘', colour: 'yellow' },
  paused: { text: '‖', colour: 'yellow' },
} as const satisfies Record<string, Glyph>;

export type GlyphName = keyof typeof glyphs;

export function glyphOf(name: GlyphName): Glyph {
  return glyphs[name];
}

/** The glyph of an operation in this state. */
export function operationGlyph(state: OperationState): Glyph {
  if (state === 'succeeded') return glyphs.done;
  if (state === 'failed') return glyphs.failed;
  if (state === 'cancelled') return glyphs.blocked;
  if (state === 'paused') return glyphs.paused;
  return state === 'queued' ? glyphs.waiting : glyphs.active;
}

export const kindWords: Readonly<Record<OperationKind, string>> = {
  deploy: 'deploy',
  undeploy: 'undeploy',
  rollback: 'rollback',
  plan: 'plan',
  orphanCheck: 'orphan check',
  modelGeneration: 'generation of models',
  modelPush: 'push of a model',
  connectionTest: 'connection test',
};

export const phaseWords: Readonly<Record<OperationPhase, string>> = {
  parse: 'parse',
  validate: 'validate',
  plan: 'plan',
  apply: 'apply',
  prune: 'prune',
  sync: 'sync',
  rollback: 'roll back',
  remove: 'remove',
  orphanCheck: 'orphan check',
  prerequisites: 'prerequisites',
  generate: 'generate models',
  push: 'push',
};

export const stepWords: Readonly<Record<StepState, string>> = {
  waiting: 'waiting',
  running: 'in progress',
  applied: 'becoming ready',
  ready: 'ready',
  unchanged: 'unchanged',
  deleting: 'deleting',
  gone: 'gone',
  kept: 'kept',
  left: 'left behind',
  failed: 'failed',
  blocked: 'blocked',
};

/** What is said when an operation that was held up goes on. */
export const troubleIsOver = 'the cluster answers again';

export const choiceWords: Readonly<Record<StuckChoice, string>> = {
  wait: 'waits longer for',
  skip: 'leaves behind',
  removeFinalizers: 'removes the finalizers of',
};
