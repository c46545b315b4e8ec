import { expect, test } from 'vitest';
import { parseGitAddress } from '../../../../infra/model-source/git/address.ts';

const repository = 'https://github.com/meshery/meshery';

test.each([
  [repository, repository],
  [`${repository}.git`, `${repository}.git`],
  [`${repository}/`, repository],
  ['https://git.example.com:8443/a/b/c/d.git', 'https://git.example.com:8443/a/b/c/d.git'],
  ['https://gitlab.com/team/parts/src/models.git', 'https://gitlab.com/team/parts/src/models.git'],
  ['http://127.0.0.1:3000/repository.git', 'http://127.0.0.1:3000/repository.git'],
  ['ssh://git@git.example.com:2222/team/models.git', 'ssh://git@git.example.com:2222/team/models.git'],
  ['git@github.com:meshery/meshery.git', 'git@github.com:meshery/meshery.git'],
  ['git://github.com/meshery/meshery', repository],
])('%s is a whole repository', (text, url) => {
  expect(parseGitAddress({ url: text })).toEqual({ url, readings: [{ ref: undefined, path: '' }] });
});

test.each([
  [`${repository}/tree/master/install/crds`, repository, 'master', 'install/crds'],
  [`${repository}/blob/v0.8.1/model.json`, repository, 'v0.8.1', 'model.json'],
  [`${repository}/releases/tag/v0.8.1`, repository, 'v0.8.1', ''],
  [`${repository}/tree/master/with%20blank`, repository, 'master', 'with blank'],
  ['https://gitlab.com/a/b/c/-/tree/main/models', 'https://gitlab.com/a/b/c', 'main', 'models'],
  ['https://bitbucket.org/team/models/src/main/crds/', 'https://bitbucket.org/team/models', 'main', 'crds'],
  ['https://codeberg.org/a/b/src/branch/main/crds', 'https://codeberg.org/a/b', 'main', 'crds'],
  [
    'git://github.com/cert-manager/cert-manager/master/deploy/crds',
    'https://github.com/cert-manager/cert-manager',
    'master',
    'deploy/crds',
  ],
  [`${repository}.git#main:install/crds`, `${repository}.git`, 'main', 'install/crds'],
  [`${repository}.git#v1`, `${repository}.git`, 'v1', ''],
  [`${repository}//install/crds?ref=v1`, repository, 'v1', 'install/crds'],
  [`${repository}?ref=v1`, repository, 'v1', ''],
])('%s is a place in a repository', (text, ...place) => {
  const { url, readings } = parseGitAddress({ url: text });
  expect([url, readings[0]?.ref, readings[0]?.path]).toEqual(place);
});

test('a branch with "/" is among the readings of a page', () => {
  expect(parseGitAddress({ url: `${repository}/tree/feature/cranes/models` }).readings).toEqual([
    { ref: 'feature', path: 'cranes/models' },
    { ref: 'feature/cranes', path: 'models' },
    { ref: 'feature/cranes/models', path: '' },
  ]);
});

test('a ref and a path beside the address decide', () => {
  const address = parseGitAddress({ url: `${repository}/tree/master/old`, ref: 'main', path: '/new/' });
  expect(address).toEqual({ url: repository, readings: [{ ref: 'main', path: 'new' }] });
});

test.each([
  'file:///etc/passwd',
  '/srv/repository',
  'ext::sh -c "touch /tmp/x"',
  'ftp://example.com/a/b',
  'https://',
  'https://example.com/a/b?token=x',
  '--upload-pack=touch',
  '-oProxyCommand=touch@host:path',
  'ssh://-oProxyCommand=touch@host/path',
  'ssh://git:secret@host/path',
  '',
])('%j is refused with how to write it', (url) => {
  expect(() => parseGitAddress({ url })).toThrow(
    expect.objectContaining({ code: 'invalid', fix: expect.stringContaining('https://github.com/') }),
  );
});

test('a password in an address is refused and not repeated', () => {
  expect(() => parseGitAddress({ url: 'https://me:hunter2@github.com/a/b' })).toThrow(/^(?!.*hunter2).*connection/);
});

test.each(['-x', 'a..b', 'a b', 'a:b', 'a@{1}', 'a.lock', 'a/.b', 'a\\b', 'a\nb', 'a*', '', '@', 'a/'])(
  'the ref %j is refused',
  (ref) => {
    expect(() => parseGitAddress({ url: repository, ref })).toThrow('is no name of a branch or tag');
  },
);

test.each(['../x', 'a/../../x', './a', 'a\0b', '.git/config', 'a/.git'])('the path %j is refused', (path) => {
  expect(() => parseGitAddress({ url: repository, path })).toThrow('is no path in a repository');
});
