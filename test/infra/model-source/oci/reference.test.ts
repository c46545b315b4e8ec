import { expect, test } from 'vitest';
import {
  formatOciReference,
  parseOciReference,
  tagOfVersion,
  tagOrDigest,
} from '../../../../infra/model-source/oci/reference.ts';

const digest = `sha256:${'a1'.repeat(32)}`;

test.each([
  ['oci://ghcr.io/team/model:1.0.0', { registry: 'ghcr.io', repository: 'team/model', tag: '1.0.0' }],
  ['oci://localhost:5000/model', { registry: 'localhost:5000', repository: 'model' }],
  [`oci://[::1]:5000/a/b@${digest}`, { registry: '[::1]:5000', repository: 'a/b', digest }],
  [
    `oci://r.example/a__b/c-d.e:v1_x-2@${digest}`,
    { registry: 'r.example', repository: 'a__b/c-d.e', tag: 'v1_x-2', digest },
  ],
])('%s is read and written again', (text, reference) => {
  expect(parseOciReference(text)).toEqual(reference);
  expect(formatOciReference(parseOciReference(text))).toBe(text);
});

test('the host of a registry is written in lower case', () => {
  expect(parseOciReference('oci://GHCR.io/team/model').registry).toBe('ghcr.io');
});

test.each([
  ['ghcr.io/team/model', 'oci://'],
  ['oci://ghcr.io', 'it is not made of'],
  ['oci://ghcr.io/Team/model', '"Team" in the name of the repository'],
  ['oci://ghcr.io/team//model', '"" in the name of the repository'],
  ['oci://ghcr.io/team/../model', '".." in the name of the repository'],
  ['oci://ghcr.io/team/model/:1', '"" in the name of the repository'],
  [`oci://ghcr.io/${'a'.repeat(256)}`, 'longer than 255'],
  ['oci://-bad-/team/model', '"-bad-" is no host'],
  ['oci://host:port/team/model', '"host:port" is no host'],
  ['oci://ghcr.io/team/model:', '"" is no tag'],
  ['oci://ghcr.io/team/model:.1', '".1" is no tag'],
  ['oci://ghcr.io/team/model:1.0+2', '"1.0+2" is no tag'],
  ['oci://ghcr.io/team/model@sha256:abc', '"sha256:abc" is no digest'],
  ['oci://ghcr.io/team/model@md5:0', '"md5:0" is no digest'],
])('%s is refused with what is wrong and how to write it', (text, problem) => {
  expect(() => parseOciReference(text)).toThrow(problem);
  expect(() => parseOciReference(text)).toThrow(
    expect.objectContaining({ code: 'invalid', fix: expect.stringContaining('oci://registry.example.com') }),
  );
});

test('a password in a reference is refused and not repeated', () => {
  expect(() => parseOciReference('oci://user:hunter2@ghcr.io/team/model')).toThrow(/^(?!.*hunter2)the OCI reference/);
});

test('a digest decides over a tag, and without both the tag is "latest"', () => {
  expect(tagOrDigest({ registry: 'r', repository: 'm', tag: '1', digest })).toBe(digest);
  expect(tagOrDigest({ registry: 'r', repository: 'm' })).toBe('latest');
});

test('a version with a build number becomes a tag as Helm writes it', () => {
  expect(tagOfVersion('1.2.3+build.4')).toBe('1.2.3_build.4');
});
