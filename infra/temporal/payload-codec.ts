import type { Payload, PayloadCodec } from '@temporalio/common';
import { z } from 'zod';
import type { Vault } from '../secrets/vault.ts';

const encoding = new TextEncoder().encode('binary/slipway-sealed');
const context = 'temporal-payload';

const plainPayloadSchema = z.object({
  metadata: z.record(z.string(), z.base64()),
  data: z.base64().optional(),
});

/** Encrypts every payload before it reaches the Temporal server, and so its history and its UI. */
export function createPayloadCodec(vault: Vault): PayloadCodec {
  return {
    encode: async (payloads) => payloads.map((payload) => sealPayload(vault, payload)),
    decode: async (payloads) => payloads.map((payload) => openPayload(vault, payload)),
  };
}

function sealPayload(vault: Vault, payload: Payload): Payload {
  const plain = {
    metadata: Object.fromEntries(
      Object.entries(payload.metadata ?? {}).map(([name, bytes]) => [name, Buffer.from(bytes).toString('base64')]),
    ),
    ...(payload.data === null || payload.data === undefined
      ? {}
      : { data: Buffer.from(payload.data).toString('base64') }),
  };
  return { metadata: { encoding }, data: vault.seal(JSON.stringify(plain), context) };
}

function openPayload(vault: Vault, payload: Payload): Payload {
  const name = payload.metadata?.['encoding'];
  if (name === undefined || !Buffer.from(name).equals(encoding)) return payload;
  const text = vault.open(Buffer.from(payload.data ?? []), context).toString('utf8');
  const plain = plainPayloadSchema.parse(JSON.parse(text));
  return {
    metadata: Object.fromEntries(
      Object.entries(plain.metadata).map(([key, value]) => [key, new Uint8Array(Buffer.from(value, 'base64'))]),
    ),
    ...(plain.data === undefined ? {} : { data: new Uint8Array(Buffer.from(plain.data, 'base64')) }),
  };
}
