import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { temporaryFolder } from './temporary-folder.ts';

const source = join(import.meta.dirname, '..', '..', 'infra', 'runtime', 'bootstrap.js');

/** What stands in for npm: it notes that it ran and writes npm's own list last, as npm does. */
const fakeNpm = `
import { appendFileSync, copyFileSync, existsSync, mkdirSync } from 'node:fs';
mkdirSync('node_modules', { recursive: true });
appendFileSync('installs.log', process.argv.slice(2).join(' ') + '\\n');
if (existsSync('break-off')) process.exit(1);
await new Promise((resolve) => setTimeout(resolve, 300));
copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
`;

async function checkout(): Promise<string> {
  const folder = await temporaryFolder();
  await mkdir(join(folder, 'infra', 'runtime'), { recursive: true });
  await copyFile(source, join(folder, 'infra', 'runtime', 'bootstrap.js'));
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await writeFile(join(folder, 'npm.js'), fakeNpm);
  await writeLockfile(folder, 'sha512-first');
  return folder;
}

function writeLockfile(folder: string, integrity: string): Promise<void> {
  const packages = { '': {}, 'node_modules/hoist': { version: '1.0.0', integrity } };
  return writeFile(join(folder, 'package-lock.json'), JSON.stringify({ packages }));
}

async function bootstrap(folder: string): Promise<{ readonly code: number; readonly output: string }> {
  const child = spawn(process.execPath, [join(folder, 'infra', 'runtime', 'bootstrap.js')], {
    env: { npm_execpath: join(folder, 'npm.js') },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const chunks: string[] = [];
  child.stderr.on('data', (chunk) => chunks.push(String(chunk)));
  const [code] = await once(child, 'close');
  return { code: Number(code), output: chunks.join('') };
}

async function installs(folder: string): Promise<number> {
  const log = await readFile(join(folder, 'installs.log'), 'utf8').catch(() => '');
  return log.split('\n').filter((line) => line.startsWith('ci ')).length;
}

test('packages are installed once, with what is done on screen, and then found', async () => {
  const folder = await checkout();
  expect((await bootstrap(folder)).output).toContain('installing the packages (npm ci)');
  expect(await bootstrap(folder)).toEqual({ code: 0, output: '' });
  expect(await installs(folder)).toBe(1);
});

test('a changed lockfile and a lost package folder are both noticed', async () => {
  const folder = await checkout();
  await bootstrap(folder);
  await writeLockfile(folder, 'sha512-second');
  await bootstrap(folder);
  await rm(join(folder, 'node_modules'), { recursive: true });
  await bootstrap(folder);
  expect(await installs(folder)).toBe(3);
});

test('an install that broke off fails with what to do, and is done again', async () => {
  const folder = await checkout();
  await writeFile(join(folder, 'break-off'), '');
  const broken = await bootstrap(folder);
  expect(broken.code).toBe(1);
  expect(broken.output).toContain('Fix: ');
  await rm(join(folder, 'break-off'));
  expect((await bootstrap(folder)).code).toBe(0);
  expect(await installs(folder)).toBe(2);
});

test('two at once install once', async () => {
  const folder = await checkout();
  const results = await Promise.all([bootstrap(folder), bootstrap(folder)]);
  expect(results.map((result) => result.code)).toEqual([0, 0]);
  expect(await installs(folder)).toBe(1);
});
