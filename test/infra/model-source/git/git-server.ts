import { execFile, execFileSync, spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';
import { temporaryFolder } from '../scratch-folder.ts';
import { startWebServer, type WebServer } from '../web-server.ts';

const run = promisify(execFile);

/** Git without this machine's settings. */
const env = {
  PATH: process.env['PATH'] ?? '',
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Harbour',
  GIT_AUTHOR_EMAIL: 'harbour@example.com',
  GIT_COMMITTER_NAME: 'Harbour',
  GIT_COMMITTER_EMAIL: 'harbour@example.com',
};

export type Repository = {
  readonly folder: string;
  readonly git: (...args: readonly string[]) => Promise<string>;
  /** Writes files and commits them; gives the commit. */
  readonly commit: (files: Readonly<Record<string, string | Uint8Array>>) => Promise<string>;
};

/** A repository with a working copy, on branch main. */
export async function newRepository(): Promise<Repository> {
  const folder = join(await temporaryFolder(), 'models.git');
  await mkdir(folder);
  const git = async (...args: readonly string[]): Promise<string> =>
    (await run('git', ['-c', 'protocol.file.allow=always', ...args], { cwd: folder, env })).stdout.trim();
  await git('init', '-q', '-b', 'main');
  await git('config', 'uploadpack.allowFilter', 'true');
  return {
    folder,
    git,
    commit: async (files) => {
      for (const [path, content] of Object.entries(files)) {
        await mkdir(dirname(join(folder, path)), { recursive: true });
        await writeFile(join(folder, path), content);
      }
      await git('add', '--all');
      await git('commit', '-q', '--allow-empty', '-m', 'cargo');
      return git('rev-parse', 'HEAD');
    },
  };
}

const backend = join(execFileSync('git', ['--exec-path'], { encoding: 'utf8' }).trim(), 'git-http-backend');

export type GitServerOptions = {
  /** The only `Authorization` that is let in. */
  readonly authorization?: string;
  /** Answers itself and says so, before git is asked. */
  readonly intercept?: (request: IncomingMessage, response: ServerResponse) => boolean;
  /** Told of every part of an answer before it is sent; a slow network is one that takes its time here. */
  readonly onPart?: (bytes: number) => Promise<void>;
};

/** Git's own HTTP server for one repository, which is served at `/models.git` and at `/harbour/models`. */
export async function serveRepository(repository: Repository, options: GitServerOptions = {}): Promise<WebServer> {
  return startWebServer((request, response) => {
    if (options.intercept?.(request, response) === true) return;
    if (options.authorization === undefined || request.headers.authorization === options.authorization) {
      void runBackend({ repository, request, response, ...options });
    } else response.writeHead(401, { 'www-authenticate': 'Basic realm="git"' }).end();
  });
}

type Exchange = GitServerOptions & {
  readonly repository: Repository;
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
};

async function runBackend(exchange: Exchange): Promise<void> {
  const { request, response, onPart } = exchange;
  const program = spawn(backend, [], { env: cgiVariables(exchange), stdio: ['pipe', 'pipe', 'ignore'] });
  program.stdin.on('error', () => {});
  request.pipe(program.stdin);
  response.on('close', () => program.kill());
  let head = Buffer.alloc(0);
  for await (const chunk of program.stdout) {
    if (!response.headersSent) {
      head = Buffer.concat([head, chunk]);
      sendHead(response, head);
    } else {
      await onPart?.(chunk.length);
      await new Promise((resolve) => {
        response.write(chunk, resolve);
      });
    }
  }
  response.end();
}

/** https://git-scm.com/docs/git-http-backend, called as a web server calls a CGI program. */
function cgiVariables({ repository, request }: Exchange): NodeJS.ProcessEnv {
  const url = new URL(request.url ?? '', 'http://git');
  const { headers, method = 'GET' } = request;
  return {
    ...env,
    GIT_PROJECT_ROOT: dirname(repository.folder),
    GIT_HTTP_EXPORT_ALL: '1',
    GIT_PROTOCOL: String(headers['git-protocol'] ?? ''),
    PATH_INFO: url.pathname.replace(/^\/(models\.git|harbour\/models)(?=\/)/, '/models.git/.git'),
    QUERY_STRING: url.search.slice(1),
    REQUEST_METHOD: method,
    CONTENT_TYPE: headers['content-type'] ?? '',
    HTTP_CONTENT_ENCODING: String(headers['content-encoding'] ?? ''),
    REMOTE_ADDR: '127.0.0.1',
  };
}

/** Once the program's own head is whole: the head, and what is there of the body. */
function sendHead(response: ServerResponse, output: Buffer): void {
  const end = output.indexOf('\r\n\r\n');
  if (end < 0) return;
  const headers = output
    .toString('utf8', 0, end)
    .split('\r\n')
    .map((line) => line.split(': '));
  const status = headers.find(([name]) => name === 'Status')?.[1];
  for (const [name = '', value = ''] of headers) if (name !== 'Status') response.setHeader(name, value);
  response.writeHead(status === undefined ? 200 : Number.parseInt(status, 10));
  response.write(output.subarray(end + 4));
}
