import { expect, test } from 'vitest';
import { parseChallenges } from '../../../../infra/model-source/oci/challenge.ts';

test('a bearer challenge gives the token server, the service and the scope', () => {
  expect(
    parseChallenges('Bearer realm="https://auth.example/token",service="registry",scope="repository:a/b:pull,push"'),
  ).toEqual([
    {
      scheme: 'bearer',
      parameters: { realm: 'https://auth.example/token', service: 'registry', scope: 'repository:a/b:pull,push' },
    },
  ]);
});

test('several challenges in one header are told apart', () => {
  const challenges = parseChallenges(
    'Basic realm="a, \\"b\\"", Bearer Realm = https://x.example/t , error=invalid_token',
  );
  expect(challenges).toEqual([
    { scheme: 'basic', parameters: { realm: 'a, "b"' } },
    { scheme: 'bearer', parameters: { realm: 'https://x.example/t', error: 'invalid_token' } },
  ]);
});

test.each(['', '=', '"', ', ,', 'realm="no scheme"'])('%j is no challenge and no error', (header) => {
  expect(parseChallenges(header).filter(({ scheme }) => scheme === 'bearer')).toEqual([]);
});
