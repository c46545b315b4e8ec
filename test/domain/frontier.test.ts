import { expect, test } from 'vitest';
import { createFrontier, describeBlockage } from '../../domain/frontier.ts';
import type { NeededState, PlanGraph } from '../../domain/plan-graph.ts';

type Link = readonly [prerequisite: string, needs: NeededState, dependent: string];

const isGate = (key: string) => key === key.toUpperCase();

/** A graph of ConfigMaps; those in capitals are gates. Ranks go by the order of `keys`, last first. */
function graphOf(keys: readonly string[], links: readonly Link[]): PlanGraph {
  return {
    nodes: keys
      .filter((key) => !isGate(key))
      .map((key, position) => ({
        key,
        reference: { apiVersion: 'v1', kind: 'ConfigMap', namespace: 'shop', name: key },
        component: key,
        adapter: 'kubernetes',
        stage: 1,
        rank: keys.length - position,
      })),
    gates: keys.filter(isGate).map((key) => ({ key, title: key })),
    edges: links.map(([prerequisite, needs, dependent]) => ({
      prerequisite,
      dependent,
      needs,
      strength: 'hard' as const,
      reason: `${dependent} uses ${prerequisite}`,
    })),
    stageCount: 1,
    notes: [],
  };
}

const operatorGraph = () =>
  graphOf(
    ['crd', 'operator', 'resource'],
    [
      ['crd', 'established', 'operator'],
      ['crd', 'established', 'resource'],
      ['operator', 'ready', 'resource'],
    ],
  );

test('a node starts when its last edge has the state that it needs, and only once', () => {
  const frontier = createFrontier(operatorGraph());
  expect(frontier.start()).toEqual(['crd']);
  expect(frontier.start()).toEqual([]);
  expect(frontier.reached('crd', 'exists')).toEqual([]);
  expect(frontier.reached('crd', 'established')).toEqual(['operator']);
  expect(frontier.reached('crd', 'established')).toEqual([]);
  expect(frontier.reached('operator', 'exists')).toEqual([]);
  expect(frontier.reached('operator', 'ready')).toEqual(['resource']);
});

test('ready implies established and exists', () => {
  const frontier = createFrontier(operatorGraph());
  frontier.start();
  expect(frontier.reached('crd', 'ready')).toEqual(['operator']);
  expect(frontier.reached('crd', 'exists')).toEqual([]);
  expect(frontier.status('crd')).toBe('ready');
});

test('gone is reached only by gone', () => {
  const frontier = createFrontier(graphOf(['resource', 'operator'], [['resource', 'gone', 'operator']]));
  expect(frontier.start()).toEqual(['resource']);
  expect(frontier.reached('resource', 'ready')).toEqual([]);
  expect(frontier.reached('resource', 'gone')).toEqual(['operator']);
});

test('nodes that may start at once come in rank order', () => {
  const frontier = createFrontier(graphOf(['c', 'b', 'a'], []));
  expect(frontier.start()).toEqual(['a', 'b', 'c']);
});

test('what a node waits for is told with the state that is needed, the state now and the reason', () => {
  const frontier = createFrontier(operatorGraph());
  frontier.start();
  frontier.reached('crd', 'exists');
  expect(frontier.waitingFor('resource')).toEqual([
    { prerequisite: 'crd', needs: 'established', current: 'exists', reason: 'resource uses crd' },
    { prerequisite: 'operator', needs: 'ready', current: 'waiting', reason: 'resource uses operator' },
  ]);
  frontier.reached('crd', 'established');
  expect(frontier.waitingFor('resource')).toMatchObject([{ prerequisite: 'operator', current: 'running' }]);
  expect(frontier.waitingFor('crd')).toEqual([]);
});

test('a failure blocks what still needs something of it, with the chain to the root cause', () => {
  const frontier = createFrontier(
    graphOf(
      ['secret', 'operator', 'resource', 'service', 'free'],
      [
        ['secret', 'exists', 'operator'],
        ['operator', 'ready', 'resource'],
        ['operator', 'exists', 'service'],
      ],
    ),
  );
  frontier.start();
  expect(frontier.reached('secret', 'ready')).toEqual(['operator']);
  expect(frontier.reached('operator', 'exists')).toEqual(['service']);
  const blocked = frontier.failed('operator', 'image not found');
  expect(blocked.map(({ key }) => key)).toEqual(['resource']);
  expect(blocked[0]?.root).toEqual({ key: 'operator', message: 'image not found' });
  expect(frontier.blockedBecause('service')).toBeUndefined();
  const blockage = frontier.blockedBecause('resource');
  if (blockage === undefined) throw new Error('resource is blocked');
  expect(describeBlockage(blockage)).toBe(
    'needs operator ready (resource uses operator), which failed: image not found',
  );
  expect(frontier.counts()).toEqual({ total: 5, waiting: 0, running: 2, done: 1, failed: 1, blocked: 1 });
});

test('a chain of blocked nodes names every step, nearest first, and a long one is shortened', () => {
  const keys = Array.from({ length: 10 }, (_, position) => `n${position}`);
  const links = keys.slice(1).map((key, position): Link => [`n${position}`, 'ready', key]);
  const frontier = createFrontier(graphOf(keys, links));
  frontier.start();
  expect(frontier.failed('n0', 'denied')).toHaveLength(9);
  const blockage = frontier.blockedBecause('n9');
  if (blockage === undefined) throw new Error('n9 is blocked');
  expect(blockage.chain.map(({ prerequisite }) => prerequisite)).toEqual(keys.slice(0, 9).toReversed());
  expect(blockage.root).toEqual({ key: 'n0', message: 'denied' });
  expect(describeBlockage(blockage)).toContain('which 3 more steps, which needs n0 ready');
});

test('a failed or blocked node stays so, whatever is said of it later', () => {
  const frontier = createFrontier(operatorGraph());
  frontier.start();
  frontier.failed('crd', 'invalid');
  expect(frontier.reached('crd', 'ready')).toEqual([]);
  expect(frontier.failed('crd', 'again')).toEqual([]);
  expect(frontier.failed('operator', 'too')).toEqual([]);
  expect(frontier.status('crd')).toBe('failed');
  expect(frontier.status('operator')).toBe('blocked');
  expect(frontier.isFinished()).toBe(true);
});

test('a gate opens by itself, is not counted, and is told as the nodes behind it', () => {
  const links: readonly Link[] = [
    ['a', 'ready', 'WAVE'],
    ['b', 'ready', 'WAVE'],
    ['WAVE', 'ready', 'c'],
    ['WAVE', 'ready', 'd'],
  ];
  const frontier = createFrontier(graphOf(['a', 'b', 'WAVE', 'c', 'd'], links));
  expect(frontier.start()).toEqual(['b', 'a']);
  frontier.reached('a', 'ready');
  expect(frontier.waitingFor('c')).toEqual([
    { prerequisite: 'b', needs: 'ready', current: 'running', reason: 'c uses WAVE' },
  ]);
  expect(frontier.reached('b', 'ready')).toEqual(['d', 'c']);
  expect(frontier.counts().total).toBe(4);

  const failing = createFrontier(graphOf(['a', 'b', 'WAVE', 'c', 'd'], links));
  failing.start();
  expect(failing.failed('a', 'denied').map(({ key, edge }) => [key, edge.prerequisite])).toEqual([
    ['c', 'a'],
    ['d', 'a'],
  ]);
  expect(failing.blockedBecause('c')?.chain).toMatchObject([{ prerequisite: 'a', dependent: 'c' }]);
});

test('after an interruption, what had started runs again, what is done does not, and the rest follows', () => {
  const frontier = createFrontier(operatorGraph());
  const toRun = frontier.resume(
    new Map<string, NeededState>([
      ['crd', 'ready'],
      ['operator', 'exists'],
      ['not-in-the-plan', 'ready'],
    ]),
  );
  expect(toRun).toEqual(['operator']);
  expect(frontier.counts()).toMatchObject({ done: 1, running: 1, waiting: 1 });
  expect(frontier.reached('operator', 'ready')).toEqual(['resource']);
  frontier.reached('resource', 'ready');
  expect(frontier.isFinished()).toBe(true);
});

test('a key that the plan does not have is a bug of the caller', () => {
  const frontier = createFrontier(operatorGraph());
  expect(() => frontier.reached('nowhere', 'ready')).toThrow('nowhere');
});

test('a chain of blockage names objects as people do', () => {
  const edge = { prerequisite: '/ConfigMap/shop/held', needs: 'gone', reason: 'it lives there' } as const;
  const root = { key: edge.prerequisite, message: 'held by a finalizer' };
  expect(
    describeBlockage({
      key: '/Namespace//shop',
      chain: [{ ...edge, dependent: '/Namespace//shop', strength: 'hard' }],
      root,
    }),
  ).toBe('needs ConfigMap shop/held gone (it lives there), which failed: held by a finalizer');
});
