import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeEach, expect, test } from 'vitest';
import { deploy, serveTestApi, storeTarget, type TestApi, token } from '../api/api-fixture.ts';

const program = join(import.meta.dirname, '../../cli/slipway.js');
const run = promisify(execFile);

let api: TestApi & { readonly url: string };

beforeEach(async () => {
  api = await serveTestApi();
});

/** The words that a shell would offer for the last one of the line. */
async function offered(line: readonly string[], server = api.url): Promise<readonly string[]> {
  const environment = { ...process.env, SLIPWAY_SERVER: server, SLIPWAY_TOKEN: token };
  const { stdout, stderr } = await run(process.execPath, [program, 'complete', '--', ...line], { env: environment });
  expect(stderr).toBe('');
  return stdout
    .split('\n')
    .flatMap((offer) => (offer === '' || offer.startsWith(':') ? [] : [offer.split('\t')[0] ?? '']));
}

test('names of designs and connections are offered for arguments and flags', async () => {
  const { design } = await storeTarget(api);
  const { name } = Object(await (await api.request(`/v1/designs/${design}`)).json());
  expect(await offered(['design', 'get', ''])).toEqual([name]);
  expect(await offered(['design', 'get', 'shop-'])).toEqual([name]);
  expect(await offered(['design', 'get', 'other'])).toEqual([]);
  expect(await offered(['connection', 'test', ''])).toEqual([name]);
  expect(await offered(['deploy', name, '-c', ''])).toEqual([name]);
  expect(await offered(['deploy', name, '--connection', ''])).toEqual([name]);
});

test('operations are offered by id, deployments by the name of their design', async () => {
  const target = await storeTarget(api);
  const { id } = await deploy(api, target);
  const { name } = Object(await (await api.request(`/v1/designs/${target.design}`)).json());
  expect(await offered(['operation', 'get', ''])).toEqual([id]);
  expect(await offered(['operation', 'cancel', 'op_'])).toEqual([id]);
  expect(await offered(['deployment', 'get', ''])).toEqual([name]);
});

test('commands and flags are offered as before', async () => {
  expect(await offered(['oper'])).toEqual(['operation']);
  expect(await offered(['operation', 'pau'])).toEqual(['pause']);
  expect(await offered(['deploy', '--on-f'])).toEqual(['--on-failure']);
});

test('a server that does not answer offers nothing and says nothing', async () => {
  expect(await offered(['design', 'get', ''], 'http://127.0.0.1:1')).toEqual([]);
  expect(await offered(['design', 'get', '', '--server', 'not-an-address', ''])).toEqual([]);
});
