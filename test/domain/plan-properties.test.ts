import * as fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { SlipwayError } from '../../domain/errors.ts';
import { createFrontier, type Frontier } from '../../domain/frontier.ts';
import { planDeploy } from '../../domain/plan.ts';
import { distinctEdges } from '../../domain/plan/candidate-edge.ts';
import { deployCandidates } from '../../domain/plan/deploy-edges.ts';
import { createDesignIndex } from '../../domain/plan/design-index.ts';
import type { NeededState, PlanEdge, PlanGraph } from '../../domain/plan-graph.ts';
import { designs } from './plan/arbitrary-designs.ts';
import { componentOf, undeployOf } from './plan/manifests.ts';

/** Many runs each: only a hang is an error, on a busy machine too. */
vi.setConfig({ testTimeout: 120_000 });

const stateOrder: readonly NeededState[] = ['exists', 'established', 'ready'];
const picks = fc.infiniteStream(fc.nat());

/** Checks by itself, from the edges alone, that `key` may start. */
function assertMayStart(edges: readonly PlanEdge[], states: ReadonlyMap<string, NeededState>, key: string): void {
  for (const { prerequisite, dependent, needs } of edges) {
    if (dependent !== key) continue;
    const state = states.get(prerequisite);
    const holds =
      state !== undefined &&
      (needs === 'gone' ? state === 'gone' : stateOrder.indexOf(state) >= stateOrder.indexOf(needs));
    if (!holds) throw new Error(`${key} started while ${prerequisite} was ${state}, not ${needs}`);
  }
}

type Run = {
  readonly graph: PlanGraph;
  readonly frontier: Frontier;
  readonly next: () => number;
  readonly steps: readonly NeededState[];
};

/** Lets one running node after another, picked at random, take its next step; `failing` ones fail at their first. */
function runAtRandom({ graph, frontier, next, steps }: Run, failing: ReadonlySet<string> = new Set()) {
  const states = new Map<string, NeededState>();
  const running = [...frontier.start()];
  running.forEach((key) => assertMayStart(graph.edges, states, key));
  const started = new Set(running);
  while (running.length > 0) {
    const at = next() % running.length;
    const key = running[at] ?? '';
    if (failing.has(key)) {
      frontier.failed(key, 'failed');
      running.splice(at, 1);
      continue;
    }
    const state = steps[steps.findIndex((step) => step === states.get(key)) + 1] ?? 'ready';
    states.set(key, state);
    if (state === steps.at(-1)) running.splice(at, 1);
    for (const freed of frontier.reached(key, state)) {
      if (started.has(freed)) throw new Error(`${freed} started twice`);
      assertMayStart(graph.edges, states, freed);
      started.add(freed);
      running.push(freed);
    }
  }
  return states;
}

function descendants(edges: readonly PlanEdge[], roots: ReadonlySet<string>): ReadonlySet<string> {
  const found = new Set(roots);
  for (const key of found) {
    for (const edge of edges) if (edge.prerequisite === key) found.add(edge.dependent);
  }
  return found;
}

test('every edge is respected in every interleaving of a deploy, and every node is done', () => {
  fc.assert(
    fc.property(designs, picks, (components, stream) => {
      const graph = planDeploy(components);
      const frontier = createFrontier(graph);
      const next = () => stream.next().value;
      runAtRandom({ graph, frontier, next, steps: stateOrder });
      expect(frontier.counts()).toMatchObject({ done: components.length, total: components.length });
    }),
  );
});

test('every edge is respected in every interleaving of an undeploy, and every node is gone', () => {
  fc.assert(
    fc.property(designs, picks, (components, stream) => {
      const graph = undeployOf(components);
      const frontier = createFrontier(graph);
      runAtRandom({ graph, frontier, next: () => stream.next().value, steps: ['gone'] });
      expect(frontier.counts()).toMatchObject({ done: components.length, total: components.length });
    }),
  );
});

test('a failure blocks exactly its descendants, and each of them names a root that failed', () => {
  fc.assert(
    fc.property(designs, picks, fc.array(fc.nat(), { minLength: 1, maxLength: 3 }), (components, stream, chosen) => {
      fc.pre(components.length > 0);
      const graph = planDeploy(components);
      const failing = new Set(chosen.map((pick) => graph.nodes[pick % graph.nodes.length]?.key ?? ''));
      const frontier = createFrontier(graph);
      runAtRandom({ graph, frontier, next: () => stream.next().value, steps: stateOrder }, failing);
      const unreachable = descendants(graph.edges, failing);
      for (const { key } of graph.nodes) {
        const ended = ['failed', 'blocked'].includes(frontier.status(key));
        expect(ended, key).toBe(unreachable.has(key));
        const blockage = frontier.blockedBecause(key);
        if (blockage === undefined) continue;
        expect(failing).toContain(blockage.root.key);
        expect(frontier.status(blockage.root.key)).toBe('failed');
      }
      expect(frontier.isFinished()).toBe(true);
    }),
  );
});

test('an interrupted run that resumes starts nothing whose prerequisites are missing, and ends', () => {
  fc.assert(
    fc.property(designs, picks, fc.nat(), (components, stream, cut) => {
      const graph = planDeploy(components);
      const interrupted = createFrontier(graph);
      const states = new Map<string, NeededState>();
      const running = [...interrupted.start()];
      for (let step = 0; step < cut % (components.length + 1) && running.length > 0; step += 1) {
        const [key = ''] = running.splice(stream.next().value % running.length, 1);
        const state = stateOrder[stream.next().value % stateOrder.length] ?? 'ready';
        states.set(key, state);
        running.push(...interrupted.reached(key, state));
      }
      const resumed = createFrontier(graph);
      const queue = [...resumed.resume(states)];
      for (const key of queue) {
        assertMayStart(graph.edges, states, key);
        states.set(key, 'ready');
        queue.push(...resumed.reached(key, 'ready'));
      }
      expect(new Set(queue).size).toBe(queue.length);
      expect(resumed.counts()).toMatchObject({ done: components.length });
    }),
  );
});

test('stages rise along every edge, and nodes stand in an order that respects all of them', () => {
  fc.assert(
    fc.property(designs, (components) => {
      for (const graph of [planDeploy(components), undeployOf(components)]) {
        const places = new Map(graph.nodes.map(({ key, stage }, position) => [key, { stage, position }]));
        for (const { prerequisite, dependent } of graph.edges) {
          const from = places.get(prerequisite);
          const to = places.get(dependent);
          if (from === undefined || to === undefined) continue;
          expect(from.stage).toBeLessThan(to.stage);
          expect(from.position).toBeLessThan(to.position);
        }
        expect(graph.stageCount).toBe(Math.max(0, ...graph.nodes.map(({ stage }) => stage)));
      }
    }),
  );
});

test('every edge that a rule proposes is in the plan, or soft and dropped with a note', () => {
  fc.assert(
    fc.property(designs, (components) => {
      const index = createDesignIndex(
        components.map(({ name, ...component }) => ({ ...component, component: name })),
        {},
      );
      const proposed = distinctEdges(deployCandidates(index).edges);
      const graph = planDeploy(components);
      const kept = new Set(graph.edges.map(idOf));
      const dropped = proposed.filter((edge) => !kept.has(idOf(edge)));
      expect(dropped.every(({ strength }) => strength === 'soft')).toBe(true);
      expect(graph.notes.filter(({ code }) => code === 'plan.edgeDropped')).toHaveLength(dropped.length);
      expect(graph.edges).toHaveLength(proposed.length - dropped.length);
    }),
  );
});

test('an undeploy turns every edge of the deploy round, unless it was dropped there with a note', () => {
  fc.assert(
    fc.property(designs, (components) => {
      const undeploy = undeployOf(components);
      const removals = new Set(undeploy.edges.map(({ prerequisite, dependent }) => `${prerequisite}\n${dependent}`));
      const missing = new Set(
        planDeploy(components)
          .edges.map(({ prerequisite, dependent }) => `${dependent}\n${prerequisite}`)
          .filter((ends) => !removals.has(ends)),
      );
      const dropped = undeploy.notes.filter(({ code }) => code === 'plan.edgeDropped');
      expect(missing.size).toBeLessThanOrEqual(dropped.length);
      expect(undeploy.edges.every(({ needs }) => needs === 'gone')).toBe(true);
      const hard = planDeploy(components).edges.filter(({ strength }) => strength === 'hard');
      expect(hard.filter(({ prerequisite, dependent }) => !removals.has(`${dependent}\n${prerequisite}`))).toEqual([]);
    }),
  );
});

test('the plan is the same whatever the order of the components', () => {
  const shuffled = designs.chain((components) =>
    fc.tuple(fc.constant(components), fc.shuffledSubarray([...components], { minLength: components.length })),
  );
  fc.assert(
    fc.property(shuffled, ([components, permuted]) => {
      expect(planDeploy(permuted)).toEqual(planDeploy(components));
      expect(undeployOf(permuted)).toEqual(undeployOf(components));
    }),
  );
});

const dependencyGraphs = fc.array(fc.array(fc.nat({ max: 7 }), { maxLength: 3 }), { minLength: 1, maxLength: 8 });

test('a design is refused exactly when its hard edges go round, and every circle that is named is one', () => {
  fc.assert(
    fc.property(dependencyGraphs, (wanted) => {
      const links = wanted.map((targets, from) => targets.filter((to) => to < wanted.length && to !== from));
      const components = links.map((targets, position) =>
        componentOf(
          { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: `n${position}`, namespace: 'x' } },
          targets.map((to) => ({ component: `configmap.x.n${to}`, state: 'ready' as const })),
        ),
      );
      const circles = circlesNamed(() => planDeploy(components));
      expect(circles.length > 0).toBe(goesRound(links));
      for (const circle of circles) {
        expect(circle[0]).toBe(circle.at(-1));
        circle.slice(1).forEach((dependent, position) => {
          expect(links[dependent]).toContain(circle[position]);
        });
      }
    }),
  );
});

/** The members of the circles for which a plan is refused, as numbers; none where it is not. */
function circlesNamed(plan: () => PlanGraph): readonly (readonly number[])[] {
  try {
    plan();
    return [];
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error;
    return error.findings.map(({ message }) =>
      (message.split(': ')[0] ?? '').split(' -> ').map((name) => Number(name.replace('ConfigMap x/n', ''))),
    );
  }
}

/** Takes nodes without dependencies away until none is left; what stays is a circle. */
function goesRound(links: readonly (readonly number[])[]): boolean {
  const left = new Set(links.keys());
  for (let before = -1; before !== left.size;) {
    before = left.size;
    for (const node of left) {
      if (!(links[node] ?? []).some((to) => left.has(to))) left.delete(node);
    }
  }
  return left.size > 0;
}

test('5,000 objects are planned and run to the end, both ways', () => {
  const components = Array.from({ length: 1000 }, (_, number) => {
    const namespace = `n${number % 50}`;
    const name = `app-${number}`;
    const metadata = { name, namespace };
    const labels = { app: name };
    return [
      { apiVersion: 'v1', kind: 'ConfigMap', metadata },
      { apiVersion: 'v1', kind: 'ServiceAccount', metadata },
      { apiVersion: 'v1', kind: 'Service', metadata, spec: { selector: labels } },
      {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { ...metadata, annotations: { 'argocd.argoproj.io/sync-wave': String(number % 2) } },
        spec: {
          template: {
            metadata: { labels },
            spec: { serviceAccountName: name, containers: [{ name, envFrom: [{ configMapRef: { name } }] }] },
          },
        },
      },
      { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata, spec: { selector: { matchLabels: labels } } },
    ].map((object) => componentOf(object));
  }).flat();
  for (const [graph, state] of [
    [planDeploy(components), 'ready'],
    [undeployOf(components), 'gone'],
  ] as const) {
    const frontier = createFrontier(graph);
    const queue = [...frontier.start()];
    for (const key of queue) queue.push(...frontier.reached(key, state));
    expect(frontier.counts()).toMatchObject({ done: 5000, total: 5000 });
    expect(graph.edges.length).toBeLessThan(20_000);
  }
});

function idOf({ prerequisite, dependent, strength }: PlanEdge): string {
  return `${prerequisite}\n${dependent}\n${strength}`;
}
