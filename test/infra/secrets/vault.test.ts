import { randomBytes } from 'node:crypto';
import { assert, property, string, uint8Array } from 'fast-check';
import { expect, test } from 'vitest';
import { createVault } from '../../../infra/secrets/vault.ts';

const oldKey = Buffer.alloc(32, 1);
const newKey = Buffer.alloc(32, 2);
const vault = createVault([oldKey]);

test('what is sealed opens again under its context, of any size and content', () => {
  assert(
    property(uint8Array({ maxLength: 5_000 }), string(), (body, context) => {
      expect(vault.open(vault.seal(body, context), context)).toEqual(Buffer.from(body));
      expect(vault.open(vault.sealInEnvelope(body, context), context)).toEqual(Buffer.from(body));
    }),
  );
});

test('the same text is sealed differently each time, and never in the clear', () => {
  const secret = 'a long secret that is easy to find';
  const first = vault.seal(secret, 'c');
  expect(first.equals(vault.seal(secret, 'c'))).toBe(false);
  expect(first.includes(secret)).toBe(false);
  expect(vault.sealInEnvelope(secret, 'c').includes(secret)).toBe(false);
});

test('long text is compressed, and text that cannot be compressed still opens', () => {
  const manifest = 'kind: ConfigMap\n'.repeat(1_000);
  expect(vault.seal(manifest, 'c').length).toBeLessThan(manifest.length / 10);
  expect(vault.openText(vault.seal(manifest, 'c'), 'c')).toBe(manifest);
  const noise = randomBytes(4_096);
  expect(vault.open(vault.seal(noise, 'c'), 'c')).toEqual(noise);
});

test.each(['seal', 'sealInEnvelope'] as const)('what %s made opens under no other context', (seal) => {
  const sealed = vault[seal]('secret', 'connection/a');
  expect(() => vault.open(sealed, 'connection/b')).toThrow(expect.objectContaining({ code: 'failed' }));
});

test.each(['seal', 'sealInEnvelope'] as const)('one changed bit anywhere in what %s made is noticed', (seal) => {
  const sealed = vault[seal]('secret', 'c');
  for (let index = 0; index < sealed.length; index += 1) {
    const changed = Buffer.from(sealed);
    changed[index] = (changed[index] ?? 0) ^ 1;
    expect(() => vault.open(changed, 'c')).toThrow(expect.objectContaining({ name: 'SlipwayError' }));
  }
});

test('a cut or empty body is refused', () => {
  const sealed = vault.seal('secret', 'c');
  for (let length = 0; length < sealed.length; length += 1) {
    expect(() => vault.open(sealed.subarray(0, length), 'c')).toThrow(expect.objectContaining({ code: 'failed' }));
  }
});

test('after a rotation the newest key seals and the older ones still open', () => {
  const rotated = createVault([newKey, oldKey]);
  for (const sealed of [vault.seal('secret', 'c'), vault.sealInEnvelope('secret', 'c')]) {
    expect(rotated.openText(sealed, 'c')).toBe('secret');
    expect(rotated.isOutdated(sealed)).toBe(true);
  }
  expect(rotated.isOutdated(rotated.seal('secret', 'c'))).toBe(false);
  expect(() => vault.open(rotated.seal('secret', 'c'), 'c')).toThrow(/another master key/);
});

test.each(['seal', 'sealInEnvelope'] as const)(
  'what %s made can be sealed anew, and needs the old key no more',
  (seal) => {
    const rotated = createVault([newKey, oldKey]);
    const resealed = rotated.reseal(vault[seal]('secret', 'c'), 'c');
    expect(rotated.isOutdated(resealed)).toBe(false);
    expect(createVault([newKey]).openText(resealed, 'c')).toBe('secret');
  },
);

test('sealing an envelope anew leaves its body as it is', () => {
  const sealed = vault.sealInEnvelope('secret', 'c');
  const resealed = createVault([newKey, oldKey]).reseal(sealed, 'c');
  expect(resealed.subarray(-34)).toEqual(sealed.subarray(-34));
});

test('a vault without a key, or with a short one, is refused', () => {
  expect(() => createVault([])).toThrow(expect.objectContaining({ code: 'invalid' }));
  expect(() => createVault([Buffer.alloc(16)])).toThrow(expect.objectContaining({ code: 'invalid' }));
});
