import type { ProgressEntry } from '../../domain/operation.ts';
import { renderFinding } from '../output/errors.ts';
import { canRedraw } from '../shell.ts';
import type { Invocation } from '../invocation.ts';
import { LiveFrame } from './live-frame.ts';
import { renderEntry } from './progress-lines.ts';
import { ProgressTracker } from './progress-state.ts';
import type { ProgressView } from './progress-state.ts';
import { renderTree } from './progress-tree.ts';

/** Where the entries of an operation's stream go. */
export type ProgressDisplay = {
  readonly add: (entry: ProgressEntry) => void;
  readonly setConnected: (connected: boolean) => void;
  readonly stop: () => void;
};

type DisplayCall = Pick<Invocation<unknown>, 'shell' | 'globals' | 'printer' | 'paint' | 'say'>;

/** A tree on a terminal, timestamped lines elsewhere, raw entries on stdout with `-o jsonl`, nothing with --quiet. */
export function openDisplay(call: DisplayCall, operation: ProgressView['operation']): ProgressDisplay {
  if (call.printer.format === 'jsonl') return rawEntries(call);
  if (call.globals.quiet) return { add: nothing, setConnected: nothing, stop: nothing };
  return canRedraw(call.shell) ? liveTree(call, operation) : plainLines(call);
}

function rawEntries({ printer, say }: DisplayCall): ProgressDisplay {
  return {
    add: (entry) => printer.lines([JSON.stringify(entry)]),
    setConnected: (connected) => say(connectionLine(connected)),
    stop: nothing,
  };
}

function plainLines({ paint, say }: DisplayCall): ProgressDisplay {
  return {
    add: (entry) => renderEntry(entry, paint).forEach(say),
    setConnected: (connected) => say(`${new Date().toISOString()} ${connectionLine(connected)}`),
    stop: nothing,
  };
}

function liveTree({ shell, paint }: DisplayCall, operation: ProgressView['operation']): ProgressDisplay {
  const tracker = new ProgressTracker(operation, Date.now());
  const frame = new LiveFrame({
    output: shell.stderr,
    paint,
    render: (rows) => renderTree(tracker.view, { rows, nowMs: Date.now() }),
  });
  frame.start();
  return {
    add: (entry) => {
      tracker.add(entry);
      if (entry.change.type === 'finding') frame.print(renderFinding(entry.change.finding, paint));
    },
    setConnected: (connected) => tracker.setConnected(connected),
    stop: () => frame.stop(),
  };
}

function connectionLine(connected: boolean): string {
  return connected ? 'connected to the server again' : 'the connection to the server is lost, connecting again …';
}

function nothing(): void {}
