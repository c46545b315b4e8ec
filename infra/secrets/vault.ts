import {
  createCipheriv,
  createDecipheriv,
  createHash,
  createSecretKey,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';
import { SlipwayError } from '../../domain/errors.ts';

/** Seals what is stored: AES-256-GCM under the newest master key. `context` says what the bytes are and where they belong. */
export type Vault = {
  /** The bytes to store. They open only under the same context. */
  readonly seal: (body: string | Uint8Array, context: string) => Buffer;
  /** The same under a key of its own, which the master key wraps: for credentials, whose key can be wrapped anew. */
  readonly sealInEnvelope: (body: string | Uint8Array, context: string) => Buffer;
  /** What was sealed, by either way. Throws SlipwayError `failed` when the key is unknown or the bytes were changed. */
  readonly open: (sealed: Uint8Array, context: string) => Buffer;
  readonly openText: (sealed: Uint8Array, context: string) => string;
  /** The same secret under the newest master key; an envelope keeps its body and gets its key wrapped anew. */
  readonly reseal: (sealed: Uint8Array, context: string) => Buffer;
  /** Whether an older master key than the newest sealed these bytes. */
  readonly isOutdated: (sealed: Uint8Array) => boolean;
};

/** As an object of Node's, a key makes ciphers three times as fast as its bytes do. */
type Key = { readonly id: Buffer; readonly secret: KeyObject };
type Header = { readonly version: number; readonly flags: number; readonly keyId: Buffer };

export const masterKeyBytes = 32;

const plainVersion = 1;
const envelopeVersion = 2;
const compressedFlag = 1;
const keyIdBytes = 4;
/** Version, flags, key id. Authenticated with the context. */
const headerBytes = 2 + keyIdBytes;
const nonceBytes = 12;
const tagBytes = 16;
/** A sealed data key has always this size: header, nonce, 32 bytes, tag. */
const wrappedKeyBytes = headerBytes + nonceBytes + masterKeyBytes + tagBytes;
/** Smaller bodies gain nothing from compression. */
const compressFromBytes = 1024;

/** A vault over the master keys, newest first: the first seals, all open. Throws SlipwayError `invalid` for a bad key. */
export function createVault(masterKeys: readonly Uint8Array[]): Vault {
  const keys = masterKeys.map(toKey);
  const [newest] = keys;
  if (newest === undefined) throw new SlipwayError('invalid', 'a vault needs at least one master key');

  const seal = (body: string | Uint8Array, context: string) => sealWith(newest, toBytes(body), context);
  const open = (sealed: Uint8Array, context: string) => openWith(keys, sealed, context);
  return {
    seal,
    open,
    openText: (sealed, context) => open(sealed, context).toString('utf8'),
    sealInEnvelope: (body, context) => sealEnvelope(newest, toBytes(body), context),
    reseal: (sealed, context) =>
      readHeader(sealed).version === envelopeVersion
        ? rewrap({ keys, newest, sealed, context })
        : seal(open(sealed, context), context),
    isOutdated: (sealed) => !keyIdOf(sealed).equals(newest.id),
  };
}

function toKey(bytes: Uint8Array): Key {
  if (bytes.length !== masterKeyBytes) {
    throw new SlipwayError('invalid', `a master key has ${masterKeyBytes} bytes, not ${bytes.length}`);
  }
  return {
    id: createHash('sha256').update('slipway key id').update(bytes).digest().subarray(0, keyIdBytes),
    secret: createSecretKey(bytes),
  };
}

function sealWith(key: Key, body: Uint8Array, context: string): Buffer {
  const compressed = body.length >= compressFromBytes;
  const header = Buffer.from([plainVersion, compressed ? compressedFlag : 0, ...key.id]);
  return Buffer.concat([header, encrypt(key.secret, compressed ? compress(body) : body, aadOf(header, context))]);
}

function sealEnvelope(key: Key, body: Uint8Array, context: string): Buffer {
  const dataKey = randomBytes(masterKeyBytes);
  const wrapped = sealWith(key, dataKey, wrapContext(context));
  const header = Buffer.from([envelopeVersion]);
  return Buffer.concat([header, wrapped, encrypt(createSecretKey(dataKey), body, aadOf(header, context))]);
}

function openWith(keys: readonly Key[], sealed: Uint8Array, context: string): Buffer {
  const { version, flags, keyId } = readHeader(sealed);
  if (version === envelopeVersion) {
    const dataKey = openWith(keys, sealed.subarray(1, 1 + wrappedKeyBytes), wrapContext(context));
    return decrypt(
      createSecretKey(dataKey),
      sealed.subarray(1 + wrappedKeyBytes),
      aadOf(sealed.subarray(0, 1), context),
    );
  }
  const key = keys.find((candidate) => candidate.id.equals(keyId));
  if (key === undefined) throw unknownKey(keyId);
  const body = decrypt(key.secret, sealed.subarray(headerBytes), aadOf(sealed.subarray(0, headerBytes), context));
  return (flags & compressedFlag) === 0 ? body : brotliDecompressSync(body);
}

function rewrap({
  keys,
  newest,
  sealed,
  context,
}: {
  keys: readonly Key[];
  newest: Key;
  sealed: Uint8Array;
  context: string;
}): Buffer {
  const dataKey = openWith(keys, sealed.subarray(1, 1 + wrappedKeyBytes), wrapContext(context));
  return Buffer.concat([
    sealed.subarray(0, 1),
    sealWith(newest, dataKey, wrapContext(context)),
    sealed.subarray(1 + wrappedKeyBytes),
  ]);
}

function encrypt(key: KeyObject, body: Uint8Array, aad: Uint8Array): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv('aes-256-gcm', key, nonce).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
}

function decrypt(key: KeyObject, sealed: Uint8Array, aad: Uint8Array): Buffer {
  if (sealed.length < nonceBytes + tagBytes) throw unreadable();
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, nonceBytes), { authTagLength: tagBytes })
    .setAAD(aad)
    .setAuthTag(sealed.subarray(sealed.length - tagBytes));
  const body = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  try {
    return Buffer.concat([body, decipher.final()]);
  } catch (error) {
    throw unreadable(error);
  }
}

function readHeader(sealed: Uint8Array): Header {
  const [version = 0, flags = 0] = sealed;
  if (version !== plainVersion && version !== envelopeVersion) throw unreadable();
  return { version, flags, keyId: keyIdOf(sealed) };
}

/** The id of the master key: in an envelope, the one that wraps the data key. */
function keyIdOf(sealed: Uint8Array): Buffer {
  const start = sealed[0] === envelopeVersion ? 3 : 2;
  return Buffer.from(sealed.subarray(start, start + keyIdBytes));
}

function aadOf(header: Uint8Array, context: string): Buffer {
  return Buffer.concat([header, Buffer.from(context, 'utf8')]);
}

function wrapContext(context: string): string {
  return `${context}/data-key`;
}

function toBytes(body: string | Uint8Array): Uint8Array {
  return typeof body === 'string' ? Buffer.from(body, 'utf8') : body;
}

function compress(body: Uint8Array): Buffer {
  return brotliCompressSync(body, { params: { [constants.BROTLI_PARAM_QUALITY]: 1 } });
}

function unknownKey(keyId: Buffer): SlipwayError {
  return new SlipwayError('failed', `stored data was sealed with another master key (${keyId.toString('hex')})`, {
    fix: 'Give the master key that was used before, after the new one, in SLIPWAY_MASTER_KEY or the master key file.',
  });
}

function unreadable(cause?: unknown): SlipwayError {
  return new SlipwayError('failed', 'stored data cannot be opened: it was changed, or it belongs to another record', {
    cause,
    fix: 'Restore the database from a backup.',
  });
}
