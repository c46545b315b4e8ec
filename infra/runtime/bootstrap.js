// Runs before `npm start` and `npm test` on whatever Node is installed (20 or newer), before any package is there:
// only what Node 20 brings. It installs the packages, and among them the Node that everything else runs on.
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const nodeMajorMin = 24;
const heartbeatMs = 10_000;
const lockPollMs = 500;

const root = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
const lockFile = join(tmpdir(), `slipway-install-${createHash('sha256').update(root).digest('hex').slice(0, 16)}.pid`);

await main();

async function main() {
  if (packagesAreInstalled()) {
    return;
  }
  await lock();
  try {
    if (!packagesAreInstalled()) {
      await install();
    }
  } finally {
    rmSync(lockFile, { force: true });
  }
  if (!nodeIsNewEnough()) {
    fail(`Node ${nodeMajorMin} is needed, and no package of it fits this machine`, `Install Node ${nodeMajorMin}.`);
  }
}

/** Whether every package of the lockfile is there; npm writes its own list last, so an interrupted install is found. */
function packagesAreInstalled() {
  const wanted = Object.entries(readPackages(join(root, 'package-lock.json'))).filter(([path]) => path !== '');
  const installed = readPackages(join(root, 'node_modules', '.package-lock.json'));
  const isInstalled = ([path, entry]) =>
    installed[path] === undefined ? entry.optional === true : installed[path].integrity === entry.integrity;
  return wanted.length > 0 && wanted.every(isInstalled) && nodeIsNewEnough();
}

function readPackages(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return {};
  }
}

async function lock() {
  for (let told = false; !takeLock(); told = true) {
    const owner = Number(readText(lockFile));
    if (!isRunning(owner)) {
      rmSync(lockFile, { force: true });
      continue;
    }
    if (!told) {
      say(`waiting for process ${owner}, which installs the packages`);
    }
    await new Promise((resolve) => setTimeout(resolve, lockPollMs));
  }
}

function takeLock() {
  try {
    writeFileSync(lockFile, String(process.pid), { flag: 'wx' });
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') {
      return false;
    }
    throw error;
  }
}

function isRunning(pid) {
  try {
    process.kill(pid, 0);
    return pid > 0;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function readText(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

async function install() {
  say('installing the packages (npm ci)');
  const startedAt = Date.now();
  const seconds = () => Math.round((Date.now() - startedAt) / 1000);
  const heartbeat = setInterval(() => say(`installing the packages: ${seconds()} s`), heartbeatMs);
  const code = await runNpm(['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  clearInterval(heartbeat);
  if (code !== 0) {
    fail('npm ci failed', 'Check the network and the messages above, then run the command again.');
  }
  say(`packages installed in ${seconds()} s`);
}

function runNpm(args) {
  const npm = process.env.npm_execpath;
  const [command, rest] = npm === undefined ? ['npm', args] : [process.execPath, [npm, ...args]];
  return new Promise((resolve) => {
    const child = spawn(command, rest, { cwd: root, stdio: ['ignore', 'inherit', 'inherit'] });
    child.once('error', () => resolve(1));
    child.once('exit', resolve);
  });
}

/** The packages bring Node for the platforms that they know; elsewhere the installed one must be new enough. */
function nodeIsNewEnough() {
  const own = join(root, 'node_modules', '.bin', 'node');
  const version = existsSync(own) ? spawnSync(own, ['--version'], { encoding: 'utf8' }).stdout : process.version;
  return Number.parseInt(version?.slice(1), 10) >= nodeMajorMin;
}

function say(line) {
  process.stderr.write(`${line}\n`);
}

function fail(error, fix) {
  say(`Error: ${error}.\nFix: ${fix}`);
  rmSync(lockFile, { force: true });
  process.exit(1);
}
