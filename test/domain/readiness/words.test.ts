import { expect, test } from 'vitest';
import { polarityOf } from '../../../domain/readiness/polarity.ts';
import { meaningOf } from '../../../domain/readiness/words.ts';

const meanings = {
  ready: ['Running', 'Succeeded', 'HEALTH_OK', 'AtLatestKnown', 'Cluster in healthy state', 'ACTIVE', 'no errors'],
  progressing: ['Provisioning', 'IN_PROGRESS', 'DEPLOYED_NOT_READY', 'OutOfSync', 'WaitForFirstConsumer', 'yellow'],
  failed: ['CrashLoopBackOff', 'PartiallyFailed', 'NonCompliant', 'ErrRegisterACMEAccount', 'ImagePullBackOff', 'red'],
  suspended: ['Paused', 'Stopped', 'hibernated'],
  unknown: ['Unknown'],
} as const;

test.each(Object.entries(meanings).flatMap(([meaning, texts]) => texts.map((text) => ({ text, meaning }))))(
  '$text means $meaning',
  ({ text, meaning }) => {
    expect(meaningOf(text)).toBe(meaning);
  },
);

test('a word of no known meaning has none', () => {
  expect(meaningOf('Flibbertigibbet')).toBeUndefined();
  expect(meaningOf('')).toBeUndefined();
});

const polarities = {
  summary: ['Ready', 'Synced', 'example.com/Available'],
  part: ['VerticesHealthy', 'ACK.ResourceSynced', 'ResourcesUpToDate', 'InfrastructureReady'],
  trouble: ['Stalled', 'CatalogSourcesUnhealthy', 'NotReady', 'DNSNotReady', 'FetchFailed', 'MemoryPressure'],
  movement: ['Reconciling', 'ScalingUp', 'RollingOut', 'EKSControlPlaneUpdating'],
  pause: ['Paused', 'Suspended'],
} as const;

test.each(Object.entries(polarities).flatMap(([polarity, types]) => types.map((type) => ({ type, polarity }))))(
  'the condition $type is read as $polarity',
  ({ type, polarity }) => {
    expect(polarityOf(type)).toBe(polarity);
  },
);

test('a condition type that says nothing of readiness has no polarity', () => {
  expect(polarityOf('Upgradeable')).toBeUndefined();
  expect(polarityOf('LiveMigratable')).toBeUndefined();
});
