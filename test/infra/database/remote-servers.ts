import { generateKeyPairSync, sign } from 'node:crypto';
import { access, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openPortBook } from '../../../infra/runtime/ports.ts';
import { type SupervisedProcess, superviseProcess } from '../../../infra/runtime/process.ts';

/** A database server of the test's own, as a process that the test may kill and start again with its data. */
export type RemoteServer = {
  readonly port: number;
  readonly url: string;
  readonly authToken: string;
  readonly process: SupervisedProcess;
};

/** What can be had of database servers here. */
export type RemoteKind = {
  readonly name: string;
  /** How it is spoken to. */
  readonly schemes: readonly string[];
  readonly start: () => Promise<RemoteServer>;
};

type Program = { readonly command: string; readonly args: readonly string[]; readonly authToken: string };
type Place = { readonly folder: string; readonly port: number };

const readyMs = 30_000;
const graceMs = 5_000;
const standInToken = 'a-token-of-the-stand-in';

/** The stand-in, which is always there, and `sqld` itself where it is on the PATH. */
export async function remoteKinds(): Promise<readonly RemoteKind[]> {
  const standIn = { name: 'the stand-in', schemes: ['http'], start: () => startServer('stand-in', standInProgram) };
  const program = await findOnPath('sqld');
  if (program === undefined) return [standIn];
  const start = () => startServer('sqld', (place) => sqldProgram(program, place));
  return [standIn, { name: 'sqld', schemes: ['http', 'ws'], start }];
}

async function startServer(name: string, program: (place: Place) => Promise<Program>): Promise<RemoteServer> {
  const folder = await mkdtemp(join(tmpdir(), 'slipway-remote-'));
  const port = await (await openPortBook(join(folder, 'ports.json'))).claim(name);
  const { command, args, authToken } = await program({ folder, port });
  const supervised = superviseProcess({
    name,
    command,
    args,
    environment: { PATH: process.env['PATH'] ?? '' },
    folder,
    logFile: join(folder, 'server.log'),
    isReady: async () => (await fetch(`http://127.0.0.1:${port}/v2`)).ok,
    readyMs,
    graceMs,
    onUnexpectedExit: ({ how }) => process.stderr.write(`${name} ${how}, though no test ended it\n`),
  });
  onTestFinished(async () => {
    await supervised.stop();
    await rm(folder, { recursive: true, force: true });
  });
  await supervised.start();
  return { port, url: `http://127.0.0.1:${port}`, authToken, process: supervised };
}

async function standInProgram({ folder, port }: Place): Promise<Program> {
  const script = join(import.meta.dirname, 'hrana-server.ts');
  const args = [script, String(port), join(folder, 'data.db'), standInToken];
  return { command: process.execPath, args, authToken: standInToken };
}

/** `sqld` takes tokens that are signed with a key of ours. */
async function sqldProgram(command: string, { folder, port }: Place): Promise<Program> {
  const { publicKey, privateKey } = generateKeyPairSync('ed25519');
  const keyFile = join(folder, 'key.pem');
  await writeFile(keyFile, publicKey.export({ type: 'spki', format: 'pem' }));
  const signed = [{ alg: 'EdDSA', typ: 'JWT' }, { a: 'rw' }].map(toBase64Url).join('.');
  const signature = sign(null, Buffer.from(signed), privateKey).toString('base64url');
  const listen = ['--http-listen-addr', `127.0.0.1:${port}`, '--auth-jwt-key-file', keyFile, '--no-welcome'];
  return { command, args: ['-d', join(folder, 'data'), ...listen], authToken: `${signed}.${signature}` };
}

function toBase64Url(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url');
}

async function findOnPath(program: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, program);
    if (
      await access(file).then(
        () => true,
        () => false,
      )
    )
      return file;
  }
  return undefined;
}
