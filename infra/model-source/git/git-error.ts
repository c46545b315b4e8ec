import { SlipwayError, type ErrorCode } from '../../../domain/errors.ts';

const linesShown = 4;
const lineLength = 300;

type Meaning = {
  readonly pattern: RegExp;
  readonly code: ErrorCode;
  readonly problem: string;
  readonly fix: string;
};

const credentialFix =
  'Make a connection of kind git with a name and a password, or a token, for this address, and name it with the source.';

/** What git says when something is wrong, from the plainest to the vaguest. Its language is set to English. */
const meanings: readonly Meaning[] = [
  {
    pattern: /could not read (Username|Password)|Authentication failed|HTTP Basic: Access denied|returned error: 401/i,
    code: 'unauthenticated',
    problem: 'asks for a password, as it is private or not there',
    fix: credentialFix,
  },
  {
    pattern: /cannot run ssh|ssh: not found/,
    code: 'unavailable',
    problem: 'is reached by ssh, which is not installed where Slipway runs',
    fix: 'Install the OpenSSH client there, or give the https address of the repository.',
  },
  {
    pattern: /Permission denied \(|no identities|Load key .*:/i,
    code: 'unauthenticated',
    problem: 'does not accept the SSH key',
    fix: 'Add the public key to the account, or make a connection of kind git with an SSH key that is there.',
  },
  {
    pattern: /Host key verification failed|REMOTE HOST IDENTIFICATION/i,
    code: 'forbidden',
    problem: 'shows a host key that the connection does not know',
    fix: 'Put the host key, as "ssh-keyscan" prints it and the host publishes it, into knownHosts of the connection.',
  },
  {
    pattern: /returned error: 403/,
    code: 'forbidden',
    problem: 'refuses to be read',
    fix: 'Give the user of the connection the right to read the repository.',
  },
  {
    pattern:
      /returned error: 404|repository '.*' not found|Repository not found|not appear to be a git repository|not valid: is this a git repository/i,
    code: 'notFound',
    problem: 'is not there',
    fix: 'Correct the address; a private repository needs a connection with a credential.',
  },
  {
    pattern: /returned error: 3\d\d|unable to update url base from redirection/,
    code: 'invalid',
    problem: 'has moved, and a redirect is not followed',
    fix: 'Give the address that a browser shows in the end.',
  },
  {
    pattern: /returned error: 429/,
    code: 'rateLimited',
    problem: 'wants fewer requests',
    fix: 'Wait, or make a connection with a credential: most hosts allow more then.',
  },
  {
    pattern: /couldn't find remote ref|not our ref|unadvertised object|bad object|Needed a single revision/i,
    code: 'notFound',
    problem: 'does not give this commit',
    fix: 'Name a branch, a tag, or a commit that one of them leads to.',
  },
  {
    pattern: /certificate/i,
    code: 'failed',
    problem: 'has no certificate that is trusted',
    fix: 'Give the certificate authority as caCertificate of a connection, or correct the certificate.',
  },
  {
    pattern:
      /Could not resolve host|Failed to connect|Connection (refused|reset|timed out|closed)|Couldn't connect|timed out|early EOF|RPC failed|hung up|transfer closed|too slow|returned error: 5\d\d|Empty reply/i,
    code: 'unavailable',
    problem: 'cannot be reached, or broke off',
    fix: 'Check that the host works and can be reached from the worker, then try again.',
  },
];

/** What a failure of git means, with the last that it said. `url` is shown: it holds no password. */
export function gitError(url: string, messages: string, hasCredential: boolean): SlipwayError {
  const words = lastWords(messages);
  const meaning = meanings.find(({ pattern }) => pattern.test(messages));
  if (meaning === undefined) {
    return new SlipwayError('failed', `git could not read ${url}: ${words}`, {
      fix: 'Try the same with git itself to learn more.',
    });
  }
  const { code, problem, fix } = meaning;
  if (code === 'unauthenticated' && hasCredential) {
    return new SlipwayError(code, `the Git repository ${url} refuses the credential (${words})`, {
      fix: 'Give the connection a credential that may read the repository, and check that the repository is there.',
    });
  }
  return new SlipwayError(code, `the Git repository ${url} ${problem} (${words})`, { fix });
}

/** The end of what git wrote, without progress and what could steer a terminal. */
function lastWords(messages: string): string {
  const lines = messages
    .split(/[\r\n]+/)
    .map((line) => line.replaceAll(/[\p{Cc}\p{Cf}]+/gu, ' ').trim())
    .filter((line) => line !== '' && !/^(remote: )?[\w ]+: +\d+% /.test(line));
  return lines.slice(-linesShown).join('; ').slice(0, lineLength);
}
