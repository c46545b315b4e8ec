import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../cli/output/style.ts';
import { paintLine } from '../../cli/output/text.ts';
import { renderTree } from '../../cli/progress/progress-tree.ts';
import type { ProgressTracker } from '../../cli/progress/progress-state.ts';
import { entry, startMs, stepEntry, trackDeploy } from './progress-fixtures.ts';

function draw(tracker: ProgressTracker, rows = Infinity, columns = 100): readonly string[] {
  return renderTree(tracker.view, { nowMs: startMs + 10_000, rows }).map((line) =>
    paintLine(line, columns, plainPaint),
  );
}

/** `count` objects, ten to a stage, of which all wait. */
function trackMany(count: number): ProgressTracker {
  const tracker = trackDeploy();
  tracker.add(entry({ type: 'operation', state: 'running' }));
  tracker.add(entry({ type: 'phase', phase: 'apply' }));
  for (let position = 0; position < count; position += 1) {
    tracker.add(stepEntry({ position, state: 'waiting', stage: 1 + Math.floor(position / 10) }));
  }
  return tracker;
}

describe('the tree of an operation', () => {
  test('shows below its head what holds the operation up, until that is over', () => {
    const tracker = trackDeploy();
    tracker.add(entry({ type: 'phase', phase: 'validate' }));
    tracker.add(entry({ type: 'trouble', message: 'no answer from https://prod:6443; trying again' }));
    expect(draw(tracker)[1]).toBe('  ! no answer from https://prod:6443; trying again');
    expect(draw(tracker, 3)).toHaveLength(3);
    tracker.add(entry({ type: 'trouble', message: null }));
    expect(draw(tracker)).toHaveLength(2);
    tracker.add(entry({ type: 'trouble', message: 'no answer' }));
    tracker.add(entry({ type: 'operation', state: 'cancelled' }));
    expect(draw(tracker)).toHaveLength(2);
  });

  test('shows phases, stages and objects with their state, seconds and message', () => {
    const tracker = trackDeploy();
    tracker.add(entry({ type: 'operation', state: 'running' }));
    tracker.add(entry({ type: 'phase', phase: 'validate' }));
    tracker.add(entry({ type: 'phase', phase: 'apply' }, 2));
    tracker.add(stepEntry({ position: 0, state: 'running', seconds: 2 }));
    tracker.add(stepEntry({ position: 0, state: 'ready', seconds: 3 }));
    tracker.add(stepEntry({ position: 1, state: 'applied', stage: 2, message: '0 of 2 replicas', seconds: 4 }));
    tracker.add(stepEntry({ position: 2, state: 'waiting', stage: 2 }));
    expect(draw(tracker)).toEqual([
      '● deploy shop → prod  running  10s  op_1',
      '  ✔ validate  2.0s',
      '  ● apply  1 of 3 objects  8.0s',
      '    ✔ stage 1  1 of 1 done',
      '      ✔ ConfigMap shop/object-0  ready  1.0s',
      '    ● stage 2  0 of 2 done, 1 in progress, 1 waiting',
      '      ● ConfigMap shop/object-1  becoming ready  6.0s  0 of 2 replicas',
      '      ○ ConfigMap shop/object-2  waiting',
    ]);
  });

  test('names what failed and counts what is blocked by it', () => {
    const tracker = trackDeploy();
    tracker.add(entry({ type: 'phase', phase: 'apply' }));
    tracker.add(stepEntry({ position: 0, state: 'failed', message: 'image not found', seconds: 1 }));
    tracker.add(stepEntry({ position: 1, state: 'blocked', message: 'waits for object-0' }));
    const text = draw(tracker).join('\n');
    expect(text).toContain('✗ apply  0 of 2 objects, 1 failed, 1 blocked');
    expect(text).toContain('✗ ConfigMap shop/object-0  failed  0.0s  image not found');
    expect(text).toContain('⊘ ConfigMap shop/object-1  blocked  waits for object-0');
  });

  test('collapses finished stages first when the screen is short', () => {
    const tracker = trackMany(30);
    for (let position = 0; position < 10; position += 1) tracker.add(stepEntry({ position, state: 'ready', stage: 1 }));
    tracker.add(stepEntry({ position: 10, state: 'running', stage: 2 }));
    const lines = draw(tracker, 30);
    expect(lines.length).toBeLessThanOrEqual(30);
    expect(lines).toContain('    ✔ stage 1  10 of 10 done');
    expect(lines.filter((line) => line.includes('object-0 '))).toEqual([]);
    expect(lines.filter((line) => line.includes('object-11'))).toHaveLength(1);
  });

  test('fits 5,000 objects on any screen and still shows every failed one before active ones', () => {
    const tracker = trackMany(5000);
    for (let position = 1000; position < 1100; position += 1) {
      tracker.add(stepEntry({ position, state: 'running', stage: 1 + Math.floor(position / 10) }));
    }
    tracker.add(stepEntry({ position: 1005, state: 'failed', stage: 101, message: 'refused' }));
    for (const rows of [6, 10, 24, 50, 200]) {
      expect(draw(tracker, rows).length).toBeLessThanOrEqual(rows);
    }
    const lines = draw(tracker, 200);
    const failed = lines.findIndex((line) => line.includes('✗ ConfigMap shop/object-1005'));
    const active = lines.findIndex((line) => line.includes('● ConfigMap shop/object-1000'));
    expect(failed).toBeGreaterThan(0);
    expect(active).toBeGreaterThan(failed);
    expect(lines.join('\n')).toContain('stages finished or waiting');
  });

  test('cuts a line at the width of the terminal and marks the cut', () => {
    const tracker = trackDeploy();
    tracker.add(entry({ type: 'phase', phase: 'apply' }));
    tracker.add(stepEntry({ position: 0, state: 'failed', message: 'x'.repeat(200) }));
    for (const line of draw(tracker, 24, 40)) expect([...line].length).toBeLessThanOrEqual(40);
    expect(draw(tracker, 24, 40).at(-1)).toMatch(/…$/);
  });

  test('lets no message of a server steer the terminal', () => {
    const tracker = trackDeploy();
    tracker.add(entry({ type: 'phase', phase: 'apply' }));
    tracker.add(
      stepEntry({ position: 0, state: 'failed', message: 'bad\u001B[2J\u001B]0;title\u0007\nsecond\u202Eline' }),
    );
    expect(draw(tracker).at(-1)).toMatch(/bad\w* ?secondline$/);
  });

  test('keeps counts right when an object moves back and forth', () => {
    const tracker = trackDeploy();
    for (const state of ['waiting', 'running', 'applied', 'ready', 'applied', 'ready'] as const) {
      tracker.add(stepEntry({ position: 0, state }));
    }
    const stage = tracker.view.phases[0]?.stages.get(1);
    expect(stage?.counts).toEqual({ waiting: 0, active: 0, done: 1, failed: 0, blocked: 0 });
    expect(stage?.notable.size).toBe(0);
  });

  test('says that it is connecting again', () => {
    const tracker = trackDeploy();
    tracker.setConnected(false);
    expect(draw(tracker)[0]).toContain('connecting again');
  });
});
