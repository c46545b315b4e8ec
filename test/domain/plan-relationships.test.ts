import { expect, test } from 'vitest';
import { planDeploy } from '../../domain/plan.ts';
import { impliedEdges } from '../../domain/plan/relationship-edges.ts';
import { linesOf, undeployOf } from './plan/manifests.ts';
import {
  allow,
  componentsOf,
  displayName,
  evaluate,
  field,
  gives,
  relationship,
  takes,
} from './relationship/relationships.ts';

const pipeline = `
apiVersion: example.com/v1
kind: Source
metadata: { name: orders, namespace: shop }
spec: { next: { name: report } }
---
apiVersion: example.com/v1
kind: Sink
metadata: { name: report, namespace: shop }
`;
const components = componentsOf(pipeline);

const sinkOfSource = (order?: { first: 'from' | 'to'; needs: 'ready' }) =>
  relationship({
    kind: 'edge',
    type: 'non-binding',
    subType: 'reference',
    ...(order === undefined ? {} : { order }),
    selectors: [allow(takes('Source', field('spec.next.name')), gives('Sink', displayName))],
  });
const impliedBy = (...relationships: readonly ReturnType<typeof sinkOfSource>[]) =>
  impliedEdges(evaluate(pipeline, relationships).edges, components);

test('a relationship of the registry orders what nothing else does, and its edge names it', () => {
  expect(planDeploy(components).edges).toEqual([]);
  expect(planDeploy(components, { implied: impliedBy(sinkOfSource()) }).edges).toEqual([
    {
      prerequisite: 'example.com/Sink/shop/report',
      dependent: 'example.com/Source/shop/orders',
      needs: 'exists',
      strength: 'soft',
      reason:
        'Source shop/orders references Sink shop/report (relationship edge/non-binding/reference of shop-model@v1.0.0)',
    },
  ]);
});

test('a relationship may say which side goes first and what the other waits for', () => {
  const graph = planDeploy(components, { implied: impliedBy(sinkOfSource({ first: 'from', needs: 'ready' })) });
  expect(linesOf(graph)).toEqual(['Source shop/orders -ready-> Sink shop/report (soft)']);
});

test('an undeploy goes the other way', () => {
  const graph = undeployOf(components, { implied: impliedBy(sinkOfSource()) });
  expect(linesOf(graph)).toEqual(['Source shop/orders -gone-> Sink shop/report (soft)']);
});

test('a relationship gives way to what a component declares', () => {
  const declared = components.map((component) =>
    component.name === 'sink-report'
      ? { ...component, dependsOn: [{ component: 'source-orders', state: 'ready' as const }] }
      : component,
  );
  const graph = planDeploy(declared, { implied: impliedBy(sinkOfSource()) });
  expect(linesOf(graph)).toEqual(['Source shop/orders -ready-> Sink shop/report (hard)']);
  expect(graph.notes).toHaveLength(1);
});

test('what is not in the plan is not waited for', () => {
  const [source] = components;
  if (source === undefined) throw new Error('no component');
  expect(planDeploy([source], { implied: impliedBy(sinkOfSource()) }).edges).toEqual([]);
});
