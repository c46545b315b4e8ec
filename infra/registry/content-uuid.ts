import { createHash } from 'node:crypto';

/** The namespace of the UUIDs that Slipway gives to definitions in packages, a random one. */
const namespace = Buffer.from('8f14d0cb5b6e4c0f9a5d3f2ab8a9d3c1', 'hex');

/** A UUID of version 5 (RFC 9562): the same for the same name. */
export function contentUuid(name: string): string {
  const bytes = createHash('sha1').update(namespace).update(name).digest().subarray(0, 16);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x50, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  return bytes.toString('hex').replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
