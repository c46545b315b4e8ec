import { expect, test } from 'vitest';
import { readJsonLines } from '../../../infra/kubernetes/json-lines.ts';

async function* inChunksOf(size: number, bytes: Buffer): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size);
}

async function valuesOf(lines: AsyncIterable<unknown>): Promise<readonly unknown[]> {
  const read: unknown[] = [];
  for await (const value of lines) read.push(value);
  return read;
}

const values = [{ a: 'grün ✓ 𝄞' }, { b: [1, 2] }, { c: 'line\nbreak' }];
const text = Buffer.from(values.map((value) => `${JSON.stringify(value)}\n`).join(''));

test.each([1, 2, 3, 5, 7, 1_000])(
  'chunks of %i bytes give the same values, whatever they cut through',
  async (size) => {
    expect(await valuesOf(readJsonLines(inChunksOf(size, text)))).toEqual(values);
  },
);

test('a line that is cut off at the end is dropped', async () => {
  const broken = text.subarray(0, text.length - 4);
  expect(await valuesOf(readJsonLines(inChunksOf(4, broken)))).toEqual(values.slice(0, 2));
});

test('empty lines are skipped', async () => {
  expect(await valuesOf(readJsonLines(inChunksOf(9, Buffer.from('\n{}\r\n\n[]\n'))))).toEqual([{}, []]);
});

test('a line of several megabytes is read whole', async () => {
  const long = { text: 'é'.repeat(3_000_000) };
  const bytes = Buffer.from(`${JSON.stringify(long)}\n`);
  expect(await valuesOf(readJsonLines(inChunksOf(65_537, bytes)))).toEqual([long]);
});

test('what is not JSON fails without quoting it', async () => {
  const reading = valuesOf(readJsonLines(inChunksOf(100, Buffer.from('password=hunter2\n'))));
  await expect(reading).rejects.toMatchObject({ code: 'unavailable', reason: 'BrokenStream' });
  await expect(reading).rejects.not.toThrow('hunter2');
});
