import { describe, expect, test } from 'vitest';
import { plainPaint } from '../../cli/output/style.ts';
import { isChange, renderDiff, renderPlan, summaryLine } from '../../cli/plan-text.ts';
import type { Plan } from '../../cli/api-schemas.ts';
import type { PlanGraph } from '../../domain/plan-graph.ts';

function graphOf(...names: readonly string[]): PlanGraph {
  const nodes = names.map((name, index) => ({
    key: `/ConfigMap/shop/${name}`,
    reference: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name },
    component: name,
    adapter: 'kubernetes',
    stage: index + 1,
    rank: 0,
  }));
  return { nodes, edges: [], stageCount: nodes.length, notes: [] };
}

const plan: Plan = {
  id: 'plan_1',
  kind: 'deploy',
  deploymentId: 'dep_1',
  revision: 2,
  approvedAt: null,
  approvedBy: null,
  appliedAt: null,
  createdAt: '2026-01-01T00:00:00.000Z',
  graph: graphOf('same', 'changed', 'new'),
  prune: graphOf('old'),
  changes: [
    { key: '/ConfigMap/shop/same', action: 'unchanged', predicted: false, diff: [] },
    {
      key: '/ConfigMap/shop/changed',
      action: 'update',
      predicted: false,
      diff: [
        { path: 'data.a', before: '1', after: '2' },
        { path: 'data.b', after: 'x' },
        { path: 'data.c', before: 3 },
      ],
    },
    { key: '/ConfigMap/shop/new', action: 'create', predicted: true, diff: [] },
    { key: '/ConfigMap/shop/old', action: 'delete', predicted: false, diff: [] },
  ],
  findings: [],
};

describe('a plan', () => {
  test('shows every object by stage, with the fields that change as before → after', () => {
    expect(renderPlan(plan, plainPaint)).toEqual([
      'stage 1  1 object',
      '  = ConfigMap shop/same  unchanged',
      'stage 2  1 object',
      '  ~ ConfigMap shop/changed  update',
      '      ~ data.a: 1 → 2',
      '      + data.b: x',
      '      - data.c: 3',
      'stage 3  1 object',
      '  + ConfigMap shop/new  create  (predicted)',
      'prune stage 1  1 object',
      '  - ConfigMap shop/old  delete',
      '1 to create, 1 to update, 1 to delete, 1 unchanged',
    ]);
  });

  test('as a diff leaves out what stays as it is', () => {
    expect(renderDiff(plan, plainPaint).join('\n')).not.toContain('shop/same');
    expect(plan.changes.filter(isChange)).toHaveLength(3);
  });

  test('without changes says that there is nothing to do', () => {
    expect(summaryLine([])).toBe('nothing to do');
  });
});
