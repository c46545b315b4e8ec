import { expect, test } from 'vitest';
import { type AdaptiveLimit, createAdaptiveLimit, type Permit } from '../../../infra/kubernetes/adaptive-limit.ts';

async function take(limit: AdaptiveLimit, count: number): Promise<readonly Permit[]> {
  return await Promise.all(Array.from({ length: count }, () => limit.acquire()));
}

async function answerRounds(limit: AdaptiveLimit, rounds: number, latencyMs: number): Promise<void> {
  for (let round = 0; round < rounds; round += 1) {
    const permits = await take(limit, limit.state().limit);
    for (const permit of permits) permit.release({ latencyMs });
  }
}

const options = { initial: 4, minimum: 2, maximum: 16 };

test('no more permits than the limit are out at once, and the next goes to who waited longest', async () => {
  const limit = createAdaptiveLimit({ ...options, maximum: 4 });
  const permits = await take(limit, 4);
  const order: string[] = [];
  const first = limit.acquire().then(() => order.push('first'));
  const second = limit.acquire().then(() => order.push('second'));
  expect(limit.state()).toEqual({ limit: 4, inFlight: 4, waiting: 2 });
  permits[0]?.release({});
  permits[1]?.release({});
  await Promise.all([first, second]);
  expect(order).toEqual(['first', 'second']);
});

test('a waiter leaves the line when its signal fires, with the signal’s reason', async () => {
  const limit = createAdaptiveLimit({ initial: 1, minimum: 1, maximum: 1 });
  const [held] = await take(limit, 1);
  const controller = new AbortController();
  const given = limit.acquire(controller.signal);
  const next = limit.acquire();
  controller.abort(new Error('no longer wanted'));
  await expect(given).rejects.toThrow('no longer wanted');
  held?.release({});
  (await next).release({});
  expect(limit.state()).toEqual({ limit: 1, inFlight: 0, waiting: 0 });
});

test('a limit that is used up grows to its maximum while the server is quick', async () => {
  const limit = createAdaptiveLimit(options);
  await answerRounds(limit, 40, 10);
  expect(limit.state().limit).toBe(16);
});

test('a limit that is not used up stays', async () => {
  const limit = createAdaptiveLimit(options);
  for (let request = 0; request < 100; request += 1) (await limit.acquire()).release({ latencyMs: 10 });
  expect(limit.state().limit).toBe(4);
});

test('many 429s of one moment halve the limit once', async () => {
  const limit = createAdaptiveLimit({ ...options, initial: 16 });
  const permits = await take(limit, 16);
  for (const permit of permits) permit.release({ overloaded: true });
  expect(limit.state().limit).toBe(8);
});

test('the limit never falls under its minimum', async () => {
  const limit = createAdaptiveLimit(options);
  for (let request = 0; request < 20; request += 1) (await limit.acquire()).release({ overloaded: true });
  expect(limit.state().limit).toBe(2);
});

test('a strong rise in latency halves the limit, a slight one does not', async () => {
  const limit = createAdaptiveLimit({ ...options, initial: 16 });
  await answerRounds(limit, 2, 300);
  await answerRounds(limit, 2, 900);
  expect(limit.state().limit).toBe(16);
  await answerRounds(limit, 1, 5_000);
  expect(limit.state().limit).toBe(8);
});
