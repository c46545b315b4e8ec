import { readdir } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import { expect, test } from 'vitest';
import { pullArtifact } from '../../../../infra/model-source/oci/artifact.ts';
import { blobOf } from '../../../../infra/model-source/oci/blob.ts';
import { emptyConfig, manifestTypes, sha256Of } from '../../../../infra/model-source/oci/manifest.ts';
import type { Scratch } from '../../../../infra/model-source/scratch.ts';
import { testScratch } from '../scratch-folder.ts';
import { startWebServer, type WebServer } from '../web-server.ts';
import { newReference, testClient } from './oci-fixture.ts';

const content = Buffer.alloc(200_000, 'cargo');
const layer = {
  mediaType: 'application/vnd.cncf.flux.content.v1.tar+gzip',
  digest: sha256Of(content),
  size: content.length,
};
const config = { mediaType: emptyConfig.mediaType, digest: sha256Of(emptyConfig.bytes), size: 2 };
const honest = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [layer] }));

type Answers = {
  readonly manifest?: (response: ServerResponse) => void;
  readonly blob?: (response: ServerResponse) => void;
  readonly document?: Buffer;
};

/** A registry that serves one artifact, but for what the test changes. */
function startHostileRegistry({ manifest, blob, document = honest }: Answers): Promise<WebServer> {
  return startWebServer(({ url = '', method }, response) => {
    if (url.includes('/blobs/')) return blob === undefined ? void response.end(content) : blob(response);
    if (manifest !== undefined) return manifest(response);
    const headers = { 'content-type': manifestTypes.image, 'docker-content-digest': sha256Of(document) };
    return void response.writeHead(200, headers).end(method === 'HEAD' ? undefined : document);
  });
}

async function pull(answers: Answers, into: Scratch, retryForMs = 0): Promise<unknown> {
  const { address } = await startHostileRegistry(answers);
  return pullArtifact(testClient({ retryForMs }), newReference(address), { into });
}

test('what an honest registry serves is pulled', async () => {
  expect(await pull({}, await testScratch())).toMatchObject({ changed: true, digest: sha256Of(honest) });
});

test.each([
  ['401', 'unauthenticated'],
  ['403', 'forbidden'],
  ['404', 'notFound'],
  ['429', 'rateLimited'],
  ['500', 'unavailable'],
  ['418', 'failed'],
])('a registry that answers %s gives an error of its own kind, and a fix', async (status, code) => {
  const manifest = (response: ServerResponse): void => void response.writeHead(Number(status)).end();
  await expect(pull({ manifest }, await testScratch())).rejects.toMatchObject({ code, fix: expect.any(String) });
});

test('the words of a registry are told, and cannot steer a terminal', async () => {
  const message = 'denied: \u001b[2Jquota of the yard';
  const body = JSON.stringify({ errors: [{ code: 'DENIED', message }] });
  let asked = 0;
  const manifest = (response: ServerResponse): void => {
    asked += 1;
    if (asked === 1) response.writeHead(200, { 'docker-content-digest': sha256Of(honest) }).end();
    else response.writeHead(403).end(body);
  };
  await expect(pull({ manifest }, await testScratch())).rejects.toThrow(
    /the registry refuses this \(403, DENIED: denied: {1,2}\[2Jquota of the yard\)/,
  );
});

test('a registry that asks for patience gets it', async () => {
  let asked = 0;
  const blob = (response: ServerResponse): void => {
    asked += 1;
    if (asked === 1) response.writeHead(429, { 'retry-after': '0' }).end();
    else response.end(content);
  };
  expect(await pull({ blob }, await testScratch(), 5_000)).toMatchObject({ changed: true });
  expect(asked).toBe(2);
});

function halfOfIt(response: ServerResponse): void {
  response.writeHead(200, { 'content-length': String(content.length) });
  response.write(content.subarray(0, 100_000), () => response.destroy());
}

test('a registry that stops halfway leaves an error and no file', async () => {
  const into = await testScratch();
  await expect(pull({ blob: halfOfIt }, into)).rejects.toMatchObject({ code: 'unavailable' });
  expect(await readdir(into.folder)).toEqual([]);
});

test('a registry that stops halfway once is asked again', async () => {
  let asked = 0;
  const blob = (response: ServerResponse): void => {
    asked += 1;
    if (asked === 1) halfOfIt(response);
    else response.end(content);
  };
  expect(await pull({ blob }, await testScratch(), 5_000)).toMatchObject({ changed: true });
});

test.each([
  ['other bytes', Buffer.alloc(content.length, 'stone')],
  ['fewer bytes', content.subarray(0, 10)],
])('a layer with %s than its digest says is not used', async (_what, bytes) => {
  const blob = (response: ServerResponse): void => void response.end(bytes);
  await expect(pull({ blob }, await testScratch())).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining(layer.digest),
  });
});

test('a manifest that is another than the digest says is not used', async () => {
  let asked = 0;
  const manifest = (response: ServerResponse): void => {
    asked += 1;
    if (asked === 1) response.writeHead(200, { 'docker-content-digest': sha256Of(honest) }).end();
    else response.end(honest.toString().replace('"size":2', '"size":3'));
  };
  await expect(pull({ manifest }, await testScratch())).rejects.toMatchObject({
    code: 'failed',
    message: expect.stringContaining(sha256Of(honest)),
  });
});

test('a layer that is too large by its own word is not fetched', async () => {
  const document = Buffer.from(JSON.stringify({ schemaVersion: 2, config, layers: [{ ...layer, size: 10 ** 12 }] }));
  let fetched = 0;
  const blob = (response: ServerResponse): void => {
    fetched += 1;
    response.end();
  };
  await expect(pull({ document, blob }, await testScratch())).rejects.toMatchObject({ code: 'tooLarge' });
  expect(fetched).toBe(0);
});

test.each([
  ['no JSON', '<html>'],
  ['a manifest of Docker version 1', '{"schemaVersion":1,"fsLayers":[]}'],
  ['a manifest and an index at once', JSON.stringify({ schemaVersion: 2, config, layers: [layer], manifests: [] })],
  ['a digest that is a path', JSON.stringify({ schemaVersion: 2, config, layers: [{ ...layer, digest: '../../x' }] })],
  ['nothing in it', JSON.stringify({ schemaVersion: 2, config, layers: [] })],
])('a manifest that is or has %s is refused', async (_what, text) => {
  const pulling = pull({ document: Buffer.from(text) }, await testScratch());
  await expect(pulling).rejects.toMatchObject({ code: 'unsupported', fix: expect.any(String) });
});

test('a manifest without end is cut off', async () => {
  let asked = 0;
  const manifest = (response: ServerResponse): void => {
    asked += 1;
    if (asked === 1) response.writeHead(200, { 'docker-content-digest': sha256Of(honest) }).end();
    else response.end(Buffer.alloc(5 * 1024 * 1024, ' '));
  };
  await expect(pull({ manifest }, await testScratch())).rejects.toMatchObject({ code: 'tooLarge' });
});

test('tags whose next page is the same page end', async () => {
  const registry = await startWebServer((_request, response) => {
    response.setHeader('link', '</v2/again?n=1000>; rel="next"');
    response.end('{"name":"x","tags":["1.0.0"]}');
  });
  expect(await testClient().listTags(newReference(registry.address))).toEqual(['1.0.0', '1.0.0']);
  expect(registry.requests).toHaveLength(2);
});

test('a registry that takes nothing of an upload is given up', async () => {
  const registry = await startWebServer(({ method }, response) => {
    if (method === 'HEAD') response.writeHead(404).end();
    else if (method === 'POST') response.writeHead(202, { location: '/v2/upload' }).end();
    else if (method === 'GET') response.writeHead(204, { range: '0-0', location: '/v2/upload' }).end();
    else response.writeHead(416).end();
  });
  const client = testClient({ chunkBytes: 1_000, retryForMs: 0 });
  const push = client.pushBlob(newReference(registry.address), await blobOf({ bytes: content }));
  await expect(push).rejects.toMatchObject({ message: expect.stringContaining('stays at 0 of 200000 bytes') });
});

test('a pull that is called off ends with the reason and no file', async () => {
  const into = await testScratch();
  const abort = new AbortController();
  const { address } = await startHostileRegistry({
    blob: (response) => {
      response.writeHead(200, { 'content-length': String(content.length) });
      response.write(content.subarray(0, 1000), () => abort.abort(new Error('the tide turned')));
    },
  });
  const pulling = pullArtifact(testClient(), newReference(address), { into, signal: abort.signal });
  await expect(pulling).rejects.toThrow('the tide turned');
  expect(await readdir(into.folder)).toEqual([]);
});
